namespace Ogrt.Server.Cli.Top;

/// <summary>A cell: a safe text, and what it is sorted by.</summary>
/// <param name="Text">What is shown.</param>
/// <param name="Number">What a number is sorted by; null for texts, and for what is not known, which comes last.</param>
/// <param name="Tone">How it is shown.</param>
internal readonly record struct TopCell(string Text, double? Number = null, Tone Tone = Tone.Plain)
{
    /// <summary>A text from wherever, made safe.</summary>
    public static TopCell Of(string text, Tone tone = Tone.Plain) => new(SafeText.Of(text), null, tone);
}
