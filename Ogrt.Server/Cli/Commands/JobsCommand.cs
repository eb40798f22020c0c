using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Ogrt.Server.Configuration;
using Ogrt.Sinks.Local;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server jobs</c>: the jobs of the store as a table.</summary>
internal static class JobsCommand
{
    private const int UsualLimit = 100;

    public static Command Create(CommandContext context)
    {
        var user = new Option<string?>("--user", "-u") { HelpName = "PATTERN", Description = "Jobs of users that match." };
        var state = new Option<string?>("--state", "-s") { HelpName = "STATE", Description = "running, quiet or ended." };
        var job = new Option<string?>("--job", "-j") { HelpName = "PATTERN", Description = "Jobs whose id matches." };
        var account = new Option<string?>("--account", "-A") { HelpName = "PATTERN", Description = "Jobs that are charged to an account that matches, as the scheduler says." };
        var partition = new Option<string?>("--partition", "-p") { HelpName = "PATTERN", Description = "Jobs of a partition or queue that matches." };
        var name = new Option<string?>("--name") { HelpName = "PATTERN", Description = "Jobs whose name, given by the user, matches." };
        var host = new Option<string?>("--host", "-N") { HelpName = "PATTERN", Description = "Jobs that ran on a host that matches." };
        var since = new Option<string?>("--since", "-S") { HelpName = "TIME", Description = "Jobs with a sign of life at or after this time." };
        var until = new Option<string?>("--until", "-E") { HelpName = "TIME", Description = "Jobs with a sign of life at or before this time." };
        var executable = new Option<string?>("--executable", "-x") { HelpName = "PATTERN", Description = "Jobs that ran a program whose path matches." };
        var library = new Option<string?>("--library", "-l") { HelpName = "PATTERN", Description = "Jobs with a process that had loaded a shared object whose path matches." };
        var module = new Option<string?>("--module", "-m") { HelpName = "PATTERN", Description = "Jobs with an environment module whose name matches." };
        var limit = new Option<int>("--limit", "-n") { HelpName = "COUNT", Description = $"At most so many, the newest first; 0 for all. {UsualLimit} without it.", DefaultValueFactory = _ => UsualLimit };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var plain = new Option<bool>("--plain") { Description = "Separate columns by tabs." };
        var command = new Command(
            "jobs", "List jobs. Patterns with *, ? or [ match a whole name, others are found anywhere in it; times are described by 'ogrt-server help times'.")
        {
            user, state, job, account, partition, name, host, since, until, executable, library, module, limit, json, plain,
        };
        context.Examples[command] =
        [
            ("ogrt-server jobs --since now-2hours", "What has run in the last two hours."),
            ("ogrt-server jobs --user alice --state running", "What runs for one user."),
            ("ogrt-server jobs --library '*/libcuda.so*'", "Jobs that have loaded a library."),
            ("ogrt-server jobs --json --limit 0", "Everything, for a program."),
        ];
        command.SetAction(parse =>
        {
            int count = parse.GetValue(limit);
            if (count < 0) throw new CliException(ExitCode.Usage, "--limit must not be negative");
            JobFilter filter = new()
            {
                User = parse.GetValue(user),
                JobId = parse.GetValue(job),
                Account = parse.GetValue(account),
                Partition = parse.GetValue(partition),
                Name = parse.GetValue(name),
                Host = parse.GetValue(host),
                State = State(parse.GetValue(state)),
                Since = Time(context, "--since", parse.GetValue(since)),
                Until = Time(context, "--until", parse.GetValue(until)),
                Executable = parse.GetValue(executable),
                Library = parse.GetValue(library),
                Module = parse.GetValue(module),
                // One more than is shown tells whether there are more.
                Limit = count is 0 or int.MaxValue ? int.MaxValue : count + 1,
            };
            RuntimeSettings settings = context.LoadSettings(parse);
            List<JobSummary> jobs;
            using (LocalStore store = StoreReader.Open(settings))
                jobs = StoreReader.Reading(settings.StorePath!, () => store.ListJobs(filter).ToList());
            bool more = count > 0 && jobs.Count > count;
            if (more) jobs.RemoveRange(count, jobs.Count - count);

            if (parse.GetValue(json)) WriteJson(context.Terminal, jobs);
            else if (jobs.Count > 0) WriteTable(context.Terminal, jobs, parse.GetValue(plain));
            else context.Terminal.Error.WriteLine("No job matches.");
            if (more) context.Terminal.Error.WriteLine($"Only the newest {count} are shown; --limit 0 shows all.");
            if (settings.Node.IsMultiNode)
                context.Terminal.Error.WriteLine("Each node of a cluster has a store of its own: this one has what came to this node, and the records of jobs that live here.");
            return jobs.Count > 0 ? ExitCode.Ok : ExitCode.Found;
        });
        return command;
    }

    private static JobState? State(string? name) => name?.ToUpperInvariant() switch
    {
        null => null,
        "RUNNING" or "R" => JobState.JobRunning,
        "QUIET" or "Q" => JobState.JobQuiet,
        "ENDED" or "E" => JobState.JobEnded,
        _ => throw new CliException(
            ExitCode.Usage, $"There is no state '{name}': it is one of {string.Join(", ", JobText.States)}.{Suggestion.Clause(name, JobText.States)}"),
    };

    private static DateTimeOffset? Time(CommandContext context, string option, string? text)
    {
        if (text is null) return null;
        if (TimeExpression.TryParse(text, context.Terminal.Clock.GetLocalNow(), out DateTimeOffset time)) return time;
        throw new CliException(ExitCode.Usage, $"{option} does not understand '{text}'", "ogrt-server help times shows the forms.");
    }

    internal static void WriteTable(Terminal terminal, List<JobSummary> jobs, bool plain)
    {
        var table = new TextTable(
            new("JOB"), new("USER"), new("STATE"), new("HOSTS", true), new("PROCESSES", true), new("FAILED", true), new("START"), new("ELAPSED", true),
            new("ACCOUNT"), new("PARTITION"), new("OUTCOME"));
        DateTimeOffset now = terminal.Clock.GetUtcNow();
        foreach (JobSummary job in jobs)
        {
            DateTimeOffset? start = Start(job);
            table.Add(
                SafeText.Of(job.JobId) + (job.Incarnation > 1 ? string.Create(CultureInfo.InvariantCulture, $" (run {job.Incarnation})") : ""),
                Cell(job.User),
                JobText.State(job.State),
                Number(job.HostCount),
                Number(job.ProcessCount),
                Number(job.FailedCount),
                start is null ? "-" : Durations.Local(start.Value),
                start is null ? "-" : Durations.Elapsed(End(job, now) - start.Value),
                Cell(job.Scheduler?.Account),
                Cell(job.Scheduler?.Partition),
                SchedulerText.Outcome(job.Scheduler?.Outcome, job.Scheduler?.ExitCode, job.Scheduler?.ExitSignal) is { Length: > 0 } outcome ? outcome : "-");
        }
        if (plain) table.WriteTabs(terminal.Output);
        else table.Write(terminal);
    }

    private static DateTimeOffset? Start(JobSummary job) =>
        (job.StartTimeNs ?? job.FirstTimeNs) is { } ns and > 0 ? Durations.FromUnixNanoseconds(ns) : null;

    private static DateTimeOffset End(JobSummary job, DateTimeOffset now)
    {
        if (job.State == JobState.JobRunning) return now;
        return (job.EndTimeNs ?? job.LastTimeNs) is { } ns and > 0 ? Durations.FromUnixNanoseconds(ns) : now;
    }

    internal static void WriteJson(Terminal terminal, List<JobSummary> jobs)
    {
        DateTimeOffset now = terminal.Clock.GetUtcNow();
        terminal.Output.WriteLine(JsonSerializer.Serialize(jobs.Select(job => new
        {
            job_id = job.JobId,
            cluster = job.Cluster,
            incarnation = job.Incarnation,
            state = JobText.State(job.State),
            user = job.User,
            host_count = job.HostCount,
            process_count = job.ProcessCount,
            live_count = job.LiveCount,
            failed_count = job.FailedCount,
            first_time = Utc(job.FirstTimeNs),
            last_time = Utc(job.LastTimeNs),
            start_time = Utc(job.StartTimeNs),
            end_time = Utc(job.EndTimeNs),
            account = job.Scheduler?.Account,
            partition = job.Scheduler?.Partition,
            job_name = job.Scheduler?.Name,
            nodes = job.Scheduler?.Nodes,
            outcome = job.Scheduler?.Outcome,
            exit_code = job.Scheduler?.ExitCode,
            exit_signal = job.Scheduler?.ExitSignal,
            elapsed_seconds = Start(job) is { } start ? Math.Round((End(job, now) - start).TotalSeconds, 3) : (double?)null,
        })));
    }

    private static string Cell(string? text) => text is { Length: > 0 } ? SafeText.Of(text) : "-";

    private static string? Utc(long? nanoseconds) => nanoseconds is { } ns and > 0 ? Durations.Utc(Durations.FromUnixNanoseconds(ns)) : null;

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
