namespace Ogrt.Sinks.Local;

/// <summary>What the scheduler says of a job incarnation; what it did not say is null.</summary>
/// <param name="Account">Who is charged.</param>
/// <param name="Partition">The partition or queue.</param>
/// <param name="Name">The name that the user gave the job.</param>
/// <param name="Nodes">The nodes, in the scheduler's way of writing.</param>
/// <param name="Outcome">Its last state, as the scheduler calls it: <c>COMPLETED</c>, <c>TIMEOUT</c>.</param>
/// <param name="ExitCode">The exit code of the batch script.</param>
/// <param name="ExitSignal">The signal that ended it; 0 for none.</param>
public sealed record SchedulerSummary(
    string? Account, string? Partition, string? Name, string? Nodes, string? Outcome, int? ExitCode, uint? ExitSignal);
