using System.CommandLine;
using System.Text;
using Ogrt.Server.Configuration;
using Ogrt.Sinks.Local;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server job JOB</c>: one job, in words or as the document with all of its processes.</summary>
internal static class JobCommand
{
    private const int ShownHosts = 20;

    public static Command Create(CommandContext context)
    {
        var job = new Argument<string>("job") { HelpName = "JOB", Description = "The job's id." };
        var json = new Option<bool>("--json") { Description = "Print the document {\"job_id\":…,\"processes\":[…]} with everything that its processes have sent." };
        var command = new Command("job", "Show a job: its state, user, hosts and counts; with --json all of its processes.") { job, json };
        context.Examples[command] =
        [
            ("ogrt-server job 4711", "The job in a few lines."),
            ("ogrt-server job 4711 --json | jq '.processes[].binpath'", "The programs that it ran."),
        ];
        command.SetAction(async (parse, cancel) =>
        {
            string jobId = parse.GetRequiredValue(job);
            RuntimeSettings settings = context.LoadSettings(parse);
            if (parse.GetValue(json)) WriteDocument(context, settings, jobId);
            else WriteText(context.Terminal, await new JobLookup(context, parse, settings).FindAsync(jobId, cancel));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void WriteDocument(CommandContext context, RuntimeSettings settings, string jobId)
    {
        using LocalStore store = StoreReader.Open(settings);
        StoreReader.Reading(settings.StorePath!, () =>
        {
            if (!store.HasJob(jobId)) throw JobLookup.Unknown(jobId);
            var output = new JsonOutput(context.Terminal);
            // Processes repeat their lists of libraries thousands of times; the text of each is made once.
            JobJson.WriteDocument(output, Encoding.UTF8.GetBytes(jobId), store.GetFrames(jobId), new ProcessJsonOptions(JsonTimeUnit.Seconds, new JsonFragmentCache()));
            output.Complete();
            return true;
        });
    }

    private static void WriteText(Terminal terminal, JobRecord record)
    {
        TextWriter output = terminal.Output;
        void Line(string name, string text) => output.WriteLine($"{name,-11}{text}");

        Line("Job", SafeText.Of(record.JobId.Span));
        Line("Cluster", SafeText.Of(record.Cluster));
        if (record.Incarnation > 1) Line("Run", FormattableString.Invariant($"{record.Incarnation}: the id has been used before"));
        Line("State", JobText.State(record.State));
        Line("User", record.User.IsEmpty ? "-" : SafeText.Of(record.User.Span));
        if (record.SchedulerJob is { } scheduler)
            foreach ((string name, string text) in SchedulerText.Lines(scheduler)) Line(name, text);
        if (JobText.Start(record) is { } start)
        {
            Line("Start", Durations.Local(start));
            if (record.HasEndTimeNs) Line("End", Durations.Local(Durations.FromUnixNanoseconds(record.EndTimeNs)));
            Line("Elapsed", Durations.Elapsed(JobText.Elapsed(record, terminal.Clock.GetUtcNow()) ?? TimeSpan.Zero));
        }
        string hosts = string.Join(", ", record.Hosts.Take(ShownHosts).Select(h => SafeText.Of(h.Span)));
        Line("Hosts", FormattableString.Invariant($"{record.HostCount}") + (hosts.Length == 0 ? "" : $": {hosts}{(record.HostCount > ShownHosts ? ", …" : "")}"));
        Line("Processes", FormattableString.Invariant($"{record.ProcessCount}, {record.ImageCount} program images, {record.LiveCount} without an end, {record.FailedCount} failed"));
        if (record.OtherCount > 0) Line("Other", FormattableString.Invariant($"{record.OtherCount} processes are past the limits of the tree"));
    }
}
