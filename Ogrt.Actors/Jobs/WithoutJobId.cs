namespace Ogrt.Actors.Jobs;

/// <summary>What becomes of processes that name no job.</summary>
public enum WithoutJobId
{
    /// <summary>They make up a pseudo job for each host and day: <c>nojob-HOST-DATE</c>.</summary>
    Pseudo,

    /// <summary>Sinks get them; no job has them.</summary>
    DeliverOnly,
}
