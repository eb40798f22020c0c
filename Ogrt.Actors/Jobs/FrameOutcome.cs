namespace Ogrt.Actors.Jobs;

/// <summary>What became of a frame in a job.</summary>
public enum FrameOutcome
{
    /// <summary>It changed the job.</summary>
    Applied,

    /// <summary>The job knew it already.</summary>
    Duplicate,

    /// <summary>It could not be read, or tells of no process.</summary>
    Rejected,
}
