namespace Ogrt.Journal;

/// <summary>When the journal calls <c>fsync</c>, and so what a power failure can cost. The death of the process alone costs
/// nothing under any policy: a confirmed append has been handed to the operating system.</summary>
public enum SyncPolicy
{
    /// <summary>A thread syncs every <see cref="JournalOptions.SyncInterval"/>; a power failure costs at most what came since.</summary>
    Interval,

    /// <summary>An append completes only when an <c>fsync</c> covers it; appenders that wait together share one.</summary>
    Always,

    /// <summary>Records are left to the operating system's own write-back; only what the release of segments needs is synced.</summary>
    Never,
}
