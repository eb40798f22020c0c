namespace Ogrt.Actors.Jobs;

/// <summary>
/// What has been sent to jobs and is not in a saved snapshot: what may be on its way, where sending again begins, and how far
/// the cursor may go. It holds offsets and no frames: those are in the journal. No actor in it.
/// </summary>
internal sealed class FeedWindow
{
    // Small batches of a job are remembered together.
    private const int MergedBytes = 64 << 10;

    private readonly Dictionary<string, JobQueue> _jobs = [];
    private readonly PriorityQueue<SentBatch, long> _byFirst = new();

    /// <summary>Bytes that are not in a saved snapshot.</summary>
    public long Unsaved { get; private set; }

    /// <summary>Bytes of them that may be in memory on their way to a job.</summary>
    public long InFlight { get; private set; }

    /// <summary>Whether everything that was sent is saved.</summary>
    public bool IsEmpty => _jobs.Count == 0;

    /// <summary>Jobs that something is not saved of.</summary>
    public IReadOnlyCollection<JobQueue> Jobs => _jobs.Values;

    /// <summary>Everything before this offset has been read and added.</summary>
    public long Position { get; set; }

    /// <summary>
    /// Takes in a batch and says which was before it; null when it is not to be sent now, because its job has not answered for
    /// long: it is sent when the job does.
    /// </summary>
    public JobFrames? Add(JobFrames frames, long now)
    {
        if (!_jobs.TryGetValue(frames.EntityId, out JobQueue? job))
            _jobs.Add(frames.EntityId, job = new JobQueue(frames.EntityId) { SentAt = now });
        int bytes = frames.Records.Length;
        JobFrames chained = frames with { Previous = job.Last };
        if (job.Newest is { } newest && newest.Bytes + bytes <= MergedBytes)
        {
            newest.Next = frames.Next;
            newest.Bytes += bytes;
        }
        else
        {
            newest = new SentBatch { First = frames.First, Next = frames.Next, Bytes = bytes };
            job.Flying.Enqueue(newest);
            job.Newest = newest;
            _byFirst.Enqueue(newest, newest.First);
        }
        job.Last = frames.Next;
        Unsaved += bytes;
        if (job.IsAway)
        {
            job.HasGap = true;
            return null;
        }
        Fly(job, bytes);
        return chained;
    }

    /// <summary>A job has all frames before an offset in its tree.</summary>
    /// <returns>True when it is to be sent what lies behind that.</returns>
    public bool Apply(string entityId, long offset, long now)
    {
        if (!_jobs.TryGetValue(entityId, out JobQueue? job))
            return false;
        while (job.Flying.TryPeek(out SentBatch? batch) && batch.Next <= offset)
        {
            job.Flying.Dequeue();
            job.Landed.Enqueue(batch);
            // It must not grow any more: what it grew by would be thought to have landed.
            if (batch == job.Newest)
                job.Newest = null;
            Fly(job, -Math.Min(batch.Bytes, job.InFlight));
        }
        if (offset >= job.Last)
            Fly(job, -job.InFlight);
        job.SentAt = now;
        job.Questions = 0;
        job.ReportAskedAt = 0;
        job.IsAway = false;
        return job.HasGap && offset < job.Last;
    }

    /// <summary>All frames of a job before an offset are saved.</summary>
    /// <returns>True when it is to be sent what lies behind that.</returns>
    public bool Acknowledge(string entityId, long offset, long now)
    {
        if (!_jobs.TryGetValue(entityId, out JobQueue? job))
            return false;
        bool behind = Apply(entityId, offset, now);
        while (job.Landed.TryPeek(out SentBatch? batch) && batch.Next <= offset)
        {
            job.Landed.Dequeue();
            batch.IsSaved = true;
            Unsaved -= batch.Bytes;
            job.SaveAskedAt = 0;
            job.Refusals = 0;
        }
        // One that went on growing would never be saved whole.
        job.Newest = null;
        if (job.Landed.Count + job.Flying.Count == 0)
            _jobs.Remove(entityId);
        return behind;
    }

    /// <summary>A job has not answered: what was sent to it may have gone with the actor it was sent to, and nothing further is
    /// sent until it answers the question that is sent now.</summary>
    public JobFrames Ask(JobQueue job, Guid origin, long now)
    {
        job.SentAt = now;
        job.Questions++;
        job.IsAway = true;
        Fly(job, -job.InFlight);
        return Question(job, origin);
    }

    /// <summary>A message without frames, which a job answers with how far it has come.</summary>
    public static JobFrames Question(JobQueue job, Guid origin) => new(job.EntityId, origin, job.Last, job.Last, job.Last, 0, default);

    /// <summary>Prepares for sending a job again what lies behind an offset.</summary>
    /// <param name="entityId">The job.</param>
    /// <param name="offset">The end of what it has applied, as it says.</param>
    /// <param name="now">Milliseconds.</param>
    /// <returns>Where to begin, and what was before it; null when nothing of the job is unsaved.</returns>
    public ReplayedJob? Replay(string entityId, long offset, long now)
    {
        if (!_jobs.TryGetValue(entityId, out JobQueue? job))
            return null;
        long oldest = (job.Landed.Count > 0 ? job.Landed : job.Flying).Peek().First;
        // A job that has lost what it had applied says an offset further back.
        job.TakeOff(offset);
        Fly(job, -job.InFlight);
        job.SentAt = now;
        job.IsAway = job.HasGap = false;
        // Everything before the oldest is in saved snapshots.
        return offset > oldest ? new ReplayedJob(offset, offset) : new ReplayedJob(oldest, -1);
    }

    /// <summary>A batch of <see cref="Replay"/> is sent.</summary>
    public void AddAgain(string entityId, int bytes)
    {
        if (_jobs.TryGetValue(entityId, out JobQueue? job))
            Fly(job, bytes);
    }

    /// <summary>The job's queue, if it has one.</summary>
    public JobQueue? Find(string entityId) => _jobs.GetValueOrDefault(entityId);

    /// <summary>Everything before this offset is done: saved, or of no interest to any job.</summary>
    public long Cursor()
    {
        while (_byFirst.TryPeek(out SentBatch? batch, out long first))
        {
            if (!batch.IsSaved)
                return Math.Min(first, Position);
            _byFirst.Dequeue();
        }
        return Position;
    }

    private void Fly(JobQueue job, long bytes)
    {
        job.InFlight += bytes;
        InFlight += bytes;
    }

    /// <summary>Frames that were sent, one batch or some small ones.</summary>
    internal sealed class SentBatch
    {
        public long First { get; init; }

        public long Next { get; set; }

        public int Bytes { get; set; }

        public bool IsSaved { get; set; }
    }

    /// <summary>What is not saved of one job, in order.</summary>
    internal sealed class JobQueue(string entityId)
    {
        public string EntityId { get; } = entityId;

        /// <summary>In its tree, as it has said.</summary>
        public Queue<SentBatch> Landed { get; } = new();

        /// <summary>Behind those: sent, or still to be sent.</summary>
        public Queue<SentBatch> Flying { get; } = new();

        /// <summary>The newest of those, while it may grow.</summary>
        public SentBatch? Newest { get; set; }

        /// <summary>Bytes that may be in memory on their way.</summary>
        public long InFlight { get; set; }

        /// <summary>End of the newest batch; -1 when there is none.</summary>
        public long Last { get; set; } = -1;

        /// <summary>When it was sent its oldest batch, or last answered; in milliseconds.</summary>
        public long SentAt { get; set; }

        /// <summary>How often it was asked since its last answer.</summary>
        public int Questions { get; set; }

        /// <summary>It has been asked and has not answered: nothing is sent to it.</summary>
        public bool IsAway { get; set; }

        /// <summary>Something was not sent to it because it was away.</summary>
        public bool HasGap { get; set; }

        /// <summary>How often it has refused a batch since something of it was saved.</summary>
        public int Refusals { get; set; }

        /// <summary>When the job was last asked to save; 0 for not.</summary>
        public long SaveAskedAt { get; set; }

        /// <summary>When the job was last asked how far it is, for room in the window; 0 for not.</summary>
        public long ReportAskedAt { get; set; }

        /// <summary>What has landed behind an offset is to be sent again, before what is flying.</summary>
        public void TakeOff(long offset)
        {
            SentBatch[] all = [.. Landed, .. Flying];
            Newest = null;
            Landed.Clear();
            Flying.Clear();
            foreach (SentBatch batch in all)
                (batch.Next <= offset ? Landed : Flying).Enqueue(batch);
        }
    }

    /// <summary>Where sending a job again begins, and the end of what was before it, -1 when that is saved.</summary>
    internal readonly record struct ReplayedJob(long From, long Previous);
}
