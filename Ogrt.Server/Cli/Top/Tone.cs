namespace Ogrt.Server.Cli.Top;

/// <summary>How a text is shown. What a tone says, the text says too: not every terminal has colours, and not every eye.</summary>
internal enum Tone
{
    /// <summary>As it is.</summary>
    Plain,

    /// <summary>Of less interest, or no longer true.</summary>
    Dim,

    /// <summary>A heading.</summary>
    Bold,

    /// <summary>What is chosen, and the row of headings.</summary>
    Reverse,

    /// <summary>As it should be.</summary>
    Good,

    /// <summary>To be looked at.</summary>
    Warning,

    /// <summary>Wrong.</summary>
    Bad,
}
