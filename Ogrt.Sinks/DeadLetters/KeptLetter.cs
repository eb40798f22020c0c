using Ogrt.Journal;

namespace Ogrt.Sinks.DeadLetters;

/// <summary>A dead letter that is kept, with the number that names it: letters are numbered as they come, from 0.</summary>
/// <param name="Number">Its number; it is never given to another letter of the sink.</param>
/// <param name="Letter">What was refused and why.</param>
public sealed record KeptLetter(long Number, DeadLetter Letter)
{
    /// <summary>The record of the dead-letter journal that holds it.</summary>
    internal JournalRecord Record { get; init; }

    /// <summary>The original record as an encoder takes it, under the letter's number.</summary>
    internal JournalRecord AsRecord() => Record.With(Letter.Kind, Letter.Original);
}
