using Ogrt.Server.Cli.Watch;
using Ogrt.Server.Hosting;
using Ogrt.Server.Overview;
using Ogrt.Sinks;

namespace Ogrt.Server.Cli.Top;

/// <summary>The table of each screen.</summary>
internal sealed class TopTables(TopSample sample, bool raw)
{
    private const string Ok = "ok";

    // In the order in which a table is sorted before anybody chooses; -1: as it comes.
    private static readonly int[] Sorts = [-1, 3, 2, -1, -1];

    /// <summary>The column by which a screen is sorted at first; -1 for none.</summary>
    public static int FirstSort(TopScreen screen) => Sorts[(int)screen];

    /// <summary>The table of a screen.</summary>
    public TopTable Of(TopScreen screen) => screen switch
    {
        TopScreen.Jobs => Jobs(),
        TopScreen.Nodes => Nodes(),
        TopScreen.Sinks => Sinks(),
        TopScreen.Cluster => Cluster(),
        _ => Pipeline(),
    };

    private TopTable Pipeline() => new(
        [
            new("STAGE"), new("IN/s", true), new("OUT/s", true, 1), new("TOTAL", true, 4), new("QUEUE", true, 2), new("OLDEST", true, 1), new("STATE"),
            new("LOST", true, 3), new("ERRORS", true, 5), new("DETAIL", false, 6),
        ],
        [
            .. sample.Now.Pipeline.Select(stage =>
            {
                StageView? before = sample.Earlier(stage);
                string name = stage.Name.Length > 0 ? $"{stage.Stage} {stage.Name}" : stage.Stage;
                return new[]
                {
                    TopCell.Of(name), Rate(sample.Rate(stage.In, before?.In)), Rate(sample.Rate(stage.Out, before?.Out)), Count(stage.In), Count(stage.Queue),
                    Age(stage.OldestSeconds), State(stage.State), Count(stage.Lost, Tone.Bad), Count(stage.Errors, Tone.Warning), TopCell.Of(stage.Detail ?? "", Tone.Dim),
                };
            }),
        ]);

    private TopTable Jobs() => new(
        [
            new("JOB"), new("USER", false, 1), new("STATE", false, 2), new("FRAMES/s", true), new("PROCESSES", true), new("FAILED", true, 1), new("HOSTS", true, 3),
            new("NODES", true, 5), new("IDLE", true, 2), new("RUNS SINCE", true, 4),
        ],
        [
            .. sample.Now.Jobs.Select(job => new[]
            {
                TopCell.Of(job.JobId), TopCell.Of(job.User), new TopCell(job.State, null, job.State == "running" ? Tone.Good : Tone.Dim), Rate(job.Rate),
                Count(job.Processes), Count(job.Failed, Tone.Warning), Count(job.Hosts), Count(job.Nodes), Age(job.IdleSeconds),
                Age(job.Started is { } start ? Math.Max(0, (sample.Now.Time - start).TotalSeconds) : null),
            }),
        ]);

    private TopTable Nodes()
    {
        Dictionary<string, long> before = [];
        foreach (NodeView node in sample.Before?.Nodes ?? []) before[node.Name] = node.Frames;
        return new(
            [new("NODE"), new("STATE"), new("FRAMES/s", true), new("FRAMES", true, 1), new("SILENT FOR", true), new("KNOWN FOR", true, 2)],
            [
                .. sample.Now.Nodes.Select(node => new[]
                {
                    TopCell.Of(node.Name),
                    new TopCell(node.State, null, node.State switch { "sending" => Tone.Good, "silent" => Tone.Warning, _ => Tone.Plain }),
                    Rate(sample.Rate(node.Frames, before.TryGetValue(node.Name, out long was) ? was : null)), Count(node.Frames), Age(node.IdleSeconds),
                    Age(Math.Max(0, (sample.Now.Time - node.First).TotalSeconds)),
                }),
            ]);
    }

    private TopTable Sinks() => new(
        [
            new("SINK"), new("TYPE", false, 4), new("STATE"), new("IN/s", true, 2), new("OUT/s", true), new("BEHIND", true), new("OLDEST", true),
            new("REQUESTS", true, 3), new("DELIVERED", true, 3), new("DUPLICATE", true, 5), new("DROPPED", true, 1), new("DEAD LETTERS", true, 1), new("CAUSE", false, 2),
        ],
        [
            .. sample.Now.Sinks.Select(sink =>
            {
                SinkView? before = sample.Before?.Sinks.FirstOrDefault(s => s.Name == sink.Name);
                return new[]
                {
                    TopCell.Of(sink.Name), TopCell.Of(sink.Type), Phase(sink.Phase), Rate(sample.Rate(sink.Accepted, before?.Accepted)),
                    Rate(sample.Rate(sink.Delivered + sink.Duplicate, before?.Delivered + before?.Duplicate)), Count(sink.LagRecords),
                    Age(sink.LagRecords == 0 ? 0 : sink.LagSeconds), new TopCell($"{sink.InFlightRequests}/{sink.ConcurrencyLimit}", sink.InFlightRequests),
                    Count(sink.Delivered), Count(sink.Duplicate), Count(sink.Dropped, Tone.Bad), Count(sink.DeadLetters, Tone.Bad),
                    TopCell.Of(sink.Reason is null ? "" : $"{sink.Reason}: {sink.Detail}"),
                };
            }),
        ]);

    private TopTable Cluster() => new(
        [new("MEMBER"), new("STATUS"), new("REACHED"), new("SHARDS", true), new("JOBS", true), new("ROLES", false, 2), new("IT IS", false, 1)],
        [
            .. sample.Now.Members.Select(member => new[]
            {
                TopCell.Of(member.Address), new TopCell(SafeText.Of(member.Status), null, member.Status == "up" ? Tone.Good : Tone.Warning),
                new TopCell(member.Reachable ? "yes" : "NO", null, member.Reachable ? Tone.Good : Tone.Bad), Count(member.Shards), Count(member.Jobs),
                TopCell.Of(string.Join(' ', member.Roles)),
                new TopCell(string.Join(", ", new[] { member.Self ? "this node" : "", member.Leader ? "leader" : "" }.Where(s => s.Length > 0))),
            }),
        ]);

    private static TopCell State(string state) => TopCell.Of(state, state == Ok ? Tone.Good : state.Contains("blocked-by", StringComparison.Ordinal) ? Tone.Bad : Tone.Warning);

    private static TopCell Phase(SinkPhase phase) => new(
        System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(phase.ToString()), null,
        phase switch { SinkPhase.Running => Tone.Good, SinkPhase.Starting or SinkPhase.Retrying => Tone.Warning, _ => Tone.Bad });

    private TopCell Count(long? value, Tone nonZero = Tone.Plain) => new(Figures.Count(value, raw), value, value is > 0 ? nonZero : Tone.Plain);

    private TopCell Rate(double? value) => new(Figures.Rate(value, raw), value);

    private static TopCell Age(double? seconds) => new(Figures.Seconds(seconds), seconds);
}
