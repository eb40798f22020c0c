using Akka.Event;

namespace Ogrt.Actors.Jobs;

/// <summary>What goes to and from a job in the cluster; <see cref="JobSerializer"/> takes it over the wire.</summary>
public interface IJobMessage
{
    /// <summary>The job's entity id: cluster name, a slash, job id.</summary>
    string EntityId { get; }
}

/// <summary>
/// Frames of one job from one journal, in the order of their offsets. Feed to job; answered by <see cref="JobFramesSaved"/>
/// once a saved snapshot holds them, before that now and then by <see cref="JobFramesApplied"/>, or at once by
/// <see cref="JobFramesRefused"/> when frames before them are missing. Without frames it is a question, which is always
/// answered at once.
/// </summary>
/// <param name="EntityId">The job.</param>
/// <param name="Origin">The id of the journal.</param>
/// <param name="Previous">
/// The <paramref name="Next"/> of the batch before this one, if that was still unacknowledged when this one was sent; else
/// -1: then all frames of the job before <paramref name="First"/> are in saved snapshots.
/// </param>
/// <param name="First">Offset of the first frame.</param>
/// <param name="Next">Where the last frame ends: everything of the job before this offset is in here or before.</param>
/// <param name="Count">Number of frames.</param>
/// <param name="Records">The frames, as <see cref="JobFrameCodec"/> writes them. Never changed until the job has read it.</param>
public sealed record JobFrames(
    string EntityId, Guid Origin, long Previous, long First, long Next, int Count, ReadOnlyMemory<byte> Records) : IJobMessage
{
    /// <summary>The rented memory that <see cref="Records"/> lies in, which whoever reads them last gives back, a job or the way to
    /// another node; null when it is rented from nobody.</summary>
    internal FrameLease? Lease { get; init; }

    /// <summary>What went or is to go to another node; null as long as it does not. Made once: a connection that takes no more for
    /// the moment asks for it again, when <see cref="Records"/> have been given back.</summary>
    internal byte[]? Serialized { get; set; }
}

/// <summary>Job to feed: all frames of the job from this journal before the offset are in its tree, though not all in a saved
/// snapshot: they need no longer be counted as on their way.</summary>
/// <param name="EntityId">The job.</param>
/// <param name="Origin">The id of the journal.</param>
/// <param name="Offset">The end of what has been applied.</param>
public sealed record JobFramesApplied(string EntityId, Guid Origin, long Offset) : IJobMessage, IDeadLetterSuppression;

/// <summary>Job to feed: all frames of the job from this journal before the offset are in a saved snapshot.</summary>
/// <param name="EntityId">The job.</param>
/// <param name="Origin">The id of the journal.</param>
/// <param name="Offset">The end of what is saved.</param>
public sealed record JobFramesSaved(string EntityId, Guid Origin, long Offset) : IJobMessage, IDeadLetterSuppression;

/// <summary>Job to feed: a batch came whose predecessor did not; send again what lies behind the offset.</summary>
/// <param name="EntityId">The job.</param>
/// <param name="Origin">The id of the journal.</param>
/// <param name="Offset">The end of what has been applied.</param>
public sealed record JobFramesRefused(string EntityId, Guid Origin, long Offset) : IJobMessage, IDeadLetterSuppression;

/// <summary>Feed to job: save a snapshot soon, because the window of what is not acknowledged fills up.</summary>
/// <param name="EntityId">The job.</param>
public sealed record SaveJob(string EntityId) : IJobMessage, IDeadLetterSuppression;

/// <summary>Node to job, after a start: a job that had not ended is to watch its own time again.</summary>
/// <param name="EntityId">The job.</param>
public sealed record WakeJob(string EntityId) : IJobMessage;

/// <summary>Asks for a job as it is now; answered by <see cref="JobReply"/>.</summary>
/// <param name="EntityId">The job.</param>
public sealed record GetJob(string EntityId) : IJobMessage;

/// <summary>Answers <see cref="GetJob"/>.</summary>
/// <param name="EntityId">The job.</param>
/// <param name="Record">A serialized <see cref="Wire.Protocol.JobRecord"/>; empty when nothing is known of the job.</param>
public sealed record JobReply(string EntityId, ReadOnlyMemory<byte> Record) : IJobMessage;

/// <summary>Shard to job, at hand-off and after the job has asked to be passivated: save and stop.</summary>
public sealed class JobStop : IDeadLetterSuppression
{
    /// <summary>The only one.</summary>
    public static readonly JobStop Instance = new();

    private JobStop()
    {
    }
}
