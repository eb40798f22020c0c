namespace Ogrt.Actors.Jobs;

/// <summary>One link of a process's exec chain: a program image, when it started, and how it was called.</summary>
/// <param name="Image">Number in the <see cref="ImageTable"/>.</param>
/// <param name="TimeNs">Nanoseconds since 1970.</param>
/// <param name="CommandLine">At most <see cref="MaxCommandLine"/> bytes; null without one. Not interned: most differ.</param>
internal readonly record struct ImageUse(int Image, long TimeNs, byte[]? CommandLine)
{
    /// <summary>The whole command line is in the process's own record; the tree keeps what a screen shows.</summary>
    public const int MaxCommandLine = 512;
}
