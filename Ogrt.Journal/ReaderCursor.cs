namespace Ogrt.Journal;

/// <summary>A named position below which nothing is needed any more.</summary>
internal sealed class ReaderCursor(string name, long committed)
{
    private long _committed = committed;

    public string Name { get; } = name;

    public long Committed
    {
        get => Volatile.Read(ref _committed);
        set => Volatile.Write(ref _committed, value);
    }

    /// <summary>The sequence of the record at the cursor as it was saved; known from the start until a reader takes it over.</summary>
    public long? SavedSequence { get; set; }

    /// <summary>The reader that moves it, if one is open. Guarded by the journal's cursor lock.</summary>
    public JournalReader? Reader { get; set; }
}
