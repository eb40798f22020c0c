using Ogrt.Journal;

namespace Ogrt.Actors.Jobs;

/// <summary>What is being read again from the journal for jobs that have lost it.</summary>
/// <param name="reader">Reads from the earliest place that one of them needs.</param>
/// <param name="until">Where the feed itself has come to: what lies behind was not sent yet.</param>
/// <param name="jobs">The jobs by entity id.</param>
internal sealed class FeedReplay(JournalReader reader, long until, IReadOnlyDictionary<string, FeedWindow.ReplayedJob> jobs) : IDisposable
{
    private readonly Dictionary<string, long> _previous = jobs.ToDictionary(job => job.Key, job => job.Value.Previous);

    /// <summary>Reads what is to be sent again, among other things.</summary>
    public JournalReader Reader => reader;

    /// <summary>The jobs, by entity id, and how far each had come.</summary>
    public IReadOnlyDictionary<string, FeedWindow.ReplayedJob> Jobs => jobs;

    /// <summary>Whether everything has been read.</summary>
    public bool IsAtEnd => reader.Position >= until;

    /// <summary>Whether a frame is one of those that are to be sent again.</summary>
    public bool Wants(string entityId, long offset) => jobs.TryGetValue(entityId, out FeedWindow.ReplayedJob job) && offset >= job.From;

    /// <summary>Names a batch's predecessor.</summary>
    public JobFrames Chain(JobFrames frames)
    {
        JobFrames chained = frames with { Previous = _previous[frames.EntityId] };
        _previous[frames.EntityId] = frames.Next;
        return chained;
    }

    /// <summary>Closes the reader.</summary>
    public void Dispose() => reader.Dispose();
}
