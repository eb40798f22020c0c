using System.Globalization;
using System.Text;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Cli;

/// <summary>Words for what the scheduler says of a job.</summary>
public static class SchedulerText
{
    /// <summary>How a job ended: <c>completed</c>, <c>failed (exit 3)</c>, <c>cancelled (SIGTERM)</c>, <c>timeout</c>.</summary>
    /// <param name="state">Its last state, as the scheduler calls it.</param>
    /// <param name="exitCode">Its exit code.</param>
    /// <param name="exitSignal">The signal that ended it; 0 for none.</param>
    /// <returns>Text that a terminal may get; empty where nobody said how it ended.</returns>
    public static string Outcome(string? state, int? exitCode, uint? exitSignal)
    {
        string how = exitSignal is { } signal and > 0 ? Signals.Name(signal)
            : exitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $"exit {code}") : "";
        if (string.IsNullOrEmpty(state)) return how;
        string word = SafeText.Of(state.ToLowerInvariant().Replace('_', ' '));
        return how.Length == 0 || how == "exit 0" ? word : $"{word} ({how})";
    }

    /// <summary>The same of a job record.</summary>
    public static string Outcome(SchedulerJob? job) => job is null ? "" : Outcome(
        job.HasState ? job.State.ToStringUtf8() : null,
        job.HasExitCode ? job.ExitCode : null,
        job.HasExitSignal ? job.ExitSignal : null);

    /// <summary>The lines of a job's description, each with its name, as far as the scheduler said anything.</summary>
    public static IEnumerable<(string Name, string Text)> Lines(SchedulerJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (job.HasJobName) yield return ("Name", SafeText.Of(job.JobName.Span));
        if (job.HasAccount) yield return ("Account", SafeText.Of(job.Account.Span));
        if (job.HasPartition) yield return ("Partition", SafeText.Of(job.Partition.Span));
        if (job.HasNodes) yield return ("Nodes", Nodes(job));
        if (job.HasArrayJobId) yield return ("Array", SafeText.Of(job.ArrayJobId.Span) + (job.HasArrayTaskId ? string.Create(CultureInfo.InvariantCulture, $", task {job.ArrayTaskId}") : ""));
        if (job.HasSubmitTimeNs && job.SubmitTimeNs > 0)
            yield return ("Submitted", Durations.Local(Durations.FromUnixNanoseconds(job.SubmitTimeNs)) + (job.HasSubmitHost ? " on " + SafeText.Of(job.SubmitHost.Span) : ""));
        if (job.Restarts > 0) yield return ("Restarts", job.Restarts.ToString(CultureInfo.InvariantCulture));
        if (Outcome(job) is { Length: > 0 } outcome) yield return ("Outcome", outcome);
    }

    private static string Nodes(SchedulerJob job)
    {
        var text = new StringBuilder(SafeText.Of(job.Nodes.Span));
        if (job.HasNodeCount) text.Append(CultureInfo.InvariantCulture, $" ({JobText.Plural(job.NodeCount, "node")}");
        if (job.HasNodeCount && job.HasCpuCount) text.Append(CultureInfo.InvariantCulture, $", {JobText.Plural(job.CpuCount, "processor")}");
        if (job.HasNodeCount) text.Append(')');
        return text.ToString();
    }
}
