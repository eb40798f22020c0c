namespace Ogrt.Sinks.Shaping;

/// <summary>The kinds of records that a sink can choose from.</summary>
[Flags]
public enum RecordKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Program images that start.</summary>
    Process = 1,

    /// <summary>Ends of processes.</summary>
    ProcessEnd = 2,

    /// <summary>Starts of jobs, from the scheduler's plugin.</summary>
    JobStart = 4,

    /// <summary>Ends of jobs, from the scheduler's plugin.</summary>
    JobEnd = 8,

    /// <summary>Records of jobs, with counts and the process tree.</summary>
    Job = 16,

    /// <summary>All of them.</summary>
    All = Process | ProcessEnd | JobStart | JobEnd | Job,
}
