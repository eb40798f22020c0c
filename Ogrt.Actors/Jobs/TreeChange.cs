namespace Ogrt.Actors.Jobs;

/// <summary>What a frame did to a job's tree.</summary>
public enum TreeChange
{
    /// <summary>The tree knows it already; nothing changed.</summary>
    Duplicate,

    /// <summary>The tree is another one now.</summary>
    Changed,
}
