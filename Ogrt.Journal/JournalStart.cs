namespace Ogrt.Journal;

/// <summary>Where a reader starts whose name the journal does not know yet.</summary>
public enum JournalStart
{
    /// <summary>At the oldest record that is still there.</summary>
    Oldest,

    /// <summary>Behind the newest record: only what is appended from now on.</summary>
    Newest,
}
