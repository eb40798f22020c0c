namespace Ogrt.Server.Cli.Top;

/// <summary>A column of a screen.</summary>
/// <param name="Heading">What stands above it.</param>
/// <param name="AlignRight">True for numbers.</param>
/// <param name="Rank">Which columns go first where a terminal is narrow: those with the highest number.</param>
internal sealed record TopColumn(string Heading, bool AlignRight = false, int Rank = 0);
