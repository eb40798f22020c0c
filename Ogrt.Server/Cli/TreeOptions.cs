namespace Ogrt.Server.Cli;

/// <summary>How a tree is shown.</summary>
/// <param name="Expand">Every node of the record is a row of its own, with its command line.</param>
/// <param name="Arguments">Command lines instead of program names.</param>
/// <param name="Cut">Rows are cut to the terminal's width.</param>
public sealed record TreeOptions(bool Expand = false, bool Arguments = false, bool Cut = true);
