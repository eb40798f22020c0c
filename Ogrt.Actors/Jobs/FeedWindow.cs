namespace Ogrt.Actors.Jobs;

/// <summary>
/// What has been sent to jobs and is not acknowledged: which batches are to be sent again, and how far the cursor may go.
/// No actor in it.
/// </summary>
internal sealed class FeedWindow
{
    private readonly Dictionary<string, JobQueue> _jobs = [];
    private readonly PriorityQueue<SentBatch, long> _byFirst = new();

    /// <summary>Bytes of the unacknowledged batches.</summary>
    public long Bytes { get; private set; }

    /// <summary>Unacknowledged batches.</summary>
    public int Count { get; private set; }

    /// <summary>Jobs that have any, the one that has waited longest first.</summary>
    public IEnumerable<JobQueue> Jobs => _jobs.Values;

    /// <summary>Takes in a batch that is about to be sent, and says which was before it.</summary>
    public JobFrames Add(JobFrames frames, long now)
    {
        if (!_jobs.TryGetValue(frames.EntityId, out JobQueue? job))
            _jobs.Add(frames.EntityId, job = new JobQueue(frames.EntityId) { SentAt = now });
        JobFrames chained = frames with { Previous = job.Last };
        var sent = new SentBatch(frames);
        job.Batches.Enqueue(sent);
        job.Last = frames.Next;
        _byFirst.Enqueue(sent, frames.First);
        Bytes += frames.Records.Length;
        Count++;
        return chained;
    }

    /// <summary>Everything before this offset has been read and added.</summary>
    public long Position { get; set; }

    /// <summary>All frames of a job before an offset are saved.</summary>
    public void Acknowledge(string entityId, long offset, long now)
    {
        if (!_jobs.TryGetValue(entityId, out JobQueue? job))
            return;
        while (job.Batches.TryPeek(out SentBatch? batch) && batch.Frames.Next <= offset)
        {
            job.Batches.Dequeue();
            batch.Acknowledged = true;
            Bytes -= batch.Frames.Records.Length;
            Count--;
            job.SentAt = now;
            job.Resends = 0;
            job.SaveAskedAt = 0;
        }
        if (job.Batches.Count == 0)
            _jobs.Remove(entityId);
    }

    /// <summary>The batches of a job that lie behind an offset, chained anew: to be sent again.</summary>
    public IEnumerable<JobFrames> Resend(string entityId, long offset, long now)
    {
        if (!_jobs.TryGetValue(entityId, out JobQueue? job))
            yield break;
        job.SentAt = now;
        job.Resends++;
        job.RefusedAt = -1;
        // Nothing before the oldest is unacknowledged.
        long previous = -1;
        foreach (SentBatch batch in job.Batches)
        {
            if (batch.Frames.Next > offset)
                yield return batch.Frames with { Previous = previous };
            previous = batch.Frames.Next;
        }
    }

    /// <summary>The job's queue, if it has one.</summary>
    public JobQueue? Find(string entityId) => _jobs.GetValueOrDefault(entityId);

    /// <summary>Everything before this offset is done: acknowledged, or of no interest to any job.</summary>
    public long Cursor()
    {
        while (_byFirst.TryPeek(out SentBatch? batch, out long first))
        {
            if (!batch.Acknowledged)
                return Math.Min(first, Position);
            _byFirst.Dequeue();
        }
        return Position;
    }

    /// <summary>A batch that was sent.</summary>
    internal sealed class SentBatch(JobFrames frames)
    {
        public JobFrames Frames { get; } = frames;

        public bool Acknowledged { get; set; }
    }

    /// <summary>The unacknowledged batches of one job, in order.</summary>
    internal sealed class JobQueue(string entityId)
    {
        public string EntityId { get; } = entityId;

        public Queue<SentBatch> Batches { get; } = new();

        /// <summary>End of the newest batch; -1 when there is none.</summary>
        public long Last { get; set; } = -1;

        /// <summary>When its oldest batch was sent, or the one before was acknowledged; in milliseconds.</summary>
        public long SentAt { get; set; }

        /// <summary>How often they have been sent again since the last acknowledgement.</summary>
        public int Resends { get; set; }

        /// <summary>The end of what the job has applied, when it refused a batch and is to be sent what follows; else -1.</summary>
        public long RefusedAt { get; set; } = -1;

        /// <summary>When the job was last asked to save; 0 for not.</summary>
        public long SaveAskedAt { get; set; }
    }
}
