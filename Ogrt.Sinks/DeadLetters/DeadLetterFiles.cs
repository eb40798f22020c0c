using Ogrt.Journal;

namespace Ogrt.Sinks.DeadLetters;

/// <summary>
/// Reads the dead letters of a sink from its files, whether or not a server has them open: nothing is locked, written or
/// moved.
/// </summary>
public static class DeadLetterFiles
{
    /// <summary>The letters that are kept, oldest first.</summary>
    /// <param name="directory">The sink's directory of dead letters; where there is none, there are no letters.</param>
    /// <exception cref="IOException">The files cannot be read.</exception>
    public static IEnumerable<KeptLetter> Read(string directory) =>
        Directory.Exists(directory) && JournalInspector.Identify(directory) is { } journal
            ? Read(directory, SettledLetters.Load(directory, journal))
            : [];

    /// <summary>The same with a list of settled letters that is at hand.</summary>
    internal static IEnumerable<KeptLetter> Read(string directory, SettledLetters settled)
    {
        foreach (JournalRecord record in JournalInspector.Dump(directory))
        {
            if (!settled.Contains(record.Sequence) && DeadLetter.TryRead(record, out DeadLetter? letter))
                yield return new KeptLetter(record.Sequence, letter!) { Record = record };
        }
    }
}
