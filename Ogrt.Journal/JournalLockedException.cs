namespace Ogrt.Journal;

/// <summary>Another process, or this one, has the journal open.</summary>
public sealed class JournalLockedException : IOException
{
    /// <summary>Makes the exception for a directory.</summary>
    public JournalLockedException(string directory, Exception inner)
        : base($"The journal in {directory} is already open. Only one process can append to a journal; stop the other one, or give this one a directory of its own.", inner)
        => Directory = directory;

    /// <summary>The journal's directory.</summary>
    public string Directory { get; }
}
