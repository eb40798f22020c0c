using Ogrt.Wire.Protocol;

namespace Ogrt.Sinks.Local;

/// <summary>
/// A job incarnation as a line of a list: from its newest job record, or, before one has come, from its processes.
/// </summary>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="JobId">The job's id; bytes that are not UTF-8 as U+FFFD.</param>
/// <param name="Incarnation">The incarnation, from 1; 0 before a job record has come.</param>
/// <param name="State">Its state; unknown before a job record or an end of the job has come.</param>
/// <param name="User">Its first user; null when nobody was named.</param>
/// <param name="HostCount">Hosts seen.</param>
/// <param name="ProcessCount">Processes seen.</param>
/// <param name="LiveCount">Processes without an end.</param>
/// <param name="FailedCount">Processes that ended with an exit code other than 0 or by a signal.</param>
/// <param name="FirstTimeNs">The earliest sign of life, in nanoseconds since 1970.</param>
/// <param name="LastTimeNs">The latest sign of life.</param>
/// <param name="StartTimeNs">When the scheduler says it began; null when it did not say.</param>
/// <param name="EndTimeNs">When it ended; null when that is not known.</param>
/// <param name="Scheduler">What the scheduler says of it; null when it did not say.</param>
public sealed record JobSummary(
    string Cluster,
    string JobId,
    uint Incarnation,
    JobState State,
    string? User,
    long HostCount,
    long ProcessCount,
    long LiveCount,
    long FailedCount,
    long? FirstTimeNs,
    long? LastTimeNs,
    long? StartTimeNs,
    long? EndTimeNs,
    SchedulerSummary? Scheduler = null);
