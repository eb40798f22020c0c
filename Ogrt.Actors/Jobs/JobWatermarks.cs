using Akka.Actor;
using Ogrt.Actors.Jobs.Protocol;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// How far the frames of each journal have been applied to a job, and how far a saved snapshot holds them. Only what is
/// saved is acknowledged.
/// </summary>
internal sealed class JobWatermarks
{
    // A job's frames come from as many journals as there are servers; journals are made anew when a server loses its disk.
    private const int MaxOrigins = 256;

    // So often the feed hears that frames have arrived: at full load with every batch, with a trickle hardly ever.
    private const int ReportedBytes = 32 << 10;

    private readonly Dictionary<Guid, Mark> _marks = [];

    public long Applied(Guid origin) => _marks.TryGetValue(origin, out Mark? mark) ? mark.Applied : 0;

    public long Saved(Guid origin) => _marks.TryGetValue(origin, out Mark? mark) ? mark.Saved : 0;

    public void SetApplied(Guid origin, long offset) => Get(origin).Applied = offset;

    /// <summary>Remembers who waits for what comes from a journal.</summary>
    public void AcknowledgeTo(Guid origin, IActorRef feed) => Get(origin).Feed = feed;

    /// <summary>Counts bytes of frames that have been applied; true when it is time to tell their feed of it.</summary>
    public bool MustReport(Guid origin, int bytes)
    {
        Mark mark = Get(origin);
        mark.Unreported += bytes;
        if (mark.Unreported < ReportedBytes)
            return false;
        mark.Unreported = 0;
        return true;
    }

    /// <summary>Puts the watermarks into a snapshot, which is now being saved.</summary>
    public void SaveTo(JobSnapshot snapshot)
    {
        foreach ((Guid origin, Mark mark) in _marks)
        {
            mark.Saving = mark.Applied;
            snapshot.Watermarks.Add(new Watermark { Origin = JobSerializer.ToBytes(origin), Applied = mark.Applied });
        }
    }

    /// <summary>The snapshot is saved.</summary>
    public void Acknowledge(Action<IActorRef, Guid, long> acknowledge)
    {
        foreach ((Guid origin, Mark mark) in _marks)
        {
            if (mark.Saving <= mark.Saved)
                continue;
            mark.Saved = mark.Saving;
            if (mark.Feed is { } feed)
                acknowledge(feed, origin, mark.Saved);
        }
    }

    /// <summary>The snapshot is not saved.</summary>
    public void NotSaved()
    {
        foreach (Mark mark in _marks.Values)
            mark.Saving = mark.Saved;
    }

    public void Restore(JobSnapshot snapshot)
    {
        _marks.Clear();
        foreach (Watermark watermark in snapshot.Watermarks)
        {
            Mark mark = Get(JobSerializer.ToGuid(watermark.Origin));
            mark.Applied = mark.Saved = mark.Saving = watermark.Applied;
        }
    }

    private Mark Get(Guid origin)
    {
        if (_marks.TryGetValue(origin, out Mark? mark))
            return mark;
        if (_marks.Count >= MaxOrigins)
            _marks.Remove(_marks.FirstOrDefault(pair => pair.Value.Feed is null || pair.Value.Saved == pair.Value.Applied).Key);
        _marks.Add(origin, mark = new Mark());
        return mark;
    }

    private sealed class Mark
    {
        public long Applied;
        public long Saving;
        public long Saved;
        public int Unreported;
        public IActorRef? Feed;
    }
}
