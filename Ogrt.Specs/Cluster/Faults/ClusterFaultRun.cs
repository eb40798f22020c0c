using System.Diagnostics;
using System.Text.Json;
using Ogrt.Specs.Cluster.Lab;
using Ogrt.Specs.Soak;

namespace Ogrt.Specs.Cluster.Faults;

/// <summary>
/// A run over a cluster: three servers, their database and their name server, frames from clients that know the alias only, faults
/// by a schedule, and then the oracle: everything that a journal confirmed is once in its job's tree, the jobs' counts are
/// right, each job lives once, each sink has each record, and no record is unaccounted for on any node.
/// </summary>
internal sealed class ClusterFaultRun : IAsyncDisposable
{
    /// <summary>Jobs that frames are of, all of them at all times.</summary>
    public const int Jobs = 48;

    private const int Senders = 6, WrongShards = 7, ExitConfiguration = 78;
    private static readonly TimeSpan ClientDeadline = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FlapEvery = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongWay = TimeSpan.FromMilliseconds(200);
    private const int LossPercent = 5;

    private readonly SoakOptions _options;
    private readonly Action<string> _say;
    private readonly NumberedFrames _frames;
    private readonly ClusterLab _lab;
    private readonly ElasticsearchEnd _elasticsearch;
    private readonly SoakReport _report = new();
    private readonly ClusterOracle _oracle;
    private readonly HashSet<LabNode> _heldDown = [];
    private readonly Dictionary<LabNode, int> _withdrawals = [];
    private readonly Dictionary<LabNode, int> _flaps = [];
    private AliasClients? _clients;
    private FrameGenerator? _generator;

    private ClusterFaultRun(SoakOptions options, Action<string> say, NumberedFrames frames, ClusterLab lab, ElasticsearchEnd elasticsearch)
    {
        (_options, _say, _frames, _lab, _elasticsearch) = (options, say, frames, lab, elasticsearch);
        _oracle = new ClusterOracle(lab, frames, elasticsearch, _report);
    }

    /// <summary>The servers.</summary>
    public int Nodes => _lab.Nodes.Count;

    /// <summary>Faults that cannot be made on this machine, with the reasons.</summary>
    public IReadOnlyList<(ClusterFaultKind Kind, string Reason)> CannotBe =>
    [
        .. Enum.GetValues<ClusterFaultKind>().Select(kind => (kind, Reason: ReasonAgainst(kind))).Where(c => c.Reason.Length > 0),
    ];

    /// <summary>Those that can.</summary>
    public IReadOnlyList<ClusterFaultKind> CanBe => [.. Enum.GetValues<ClusterFaultKind>().Where(kind => ReasonAgainst(kind).Length == 0)];

    /// <summary>Prepares a run; <see cref="RunAsync"/> runs it.</summary>
    /// <param name="options">What it is.</param>
    /// <param name="say">Told what happens, a line at a time.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<ClusterFaultRun> CreateAsync(SoakOptions options, Action<string> say, CancellationToken cancel)
    {
        var frames = new NumberedFrames(options.Seed, poisonEvery: 0, Jobs);
        // It stands where the servers reach it, so their settings are made when its address is known.
        ElasticsearchEnd? elasticsearch = null;
        ClusterLab lab = await ClusterLab.CreateAsync(
            new LabOptions
            {
                ByAlias = true,
                WithDatabase = PostgreSqlServer.Missing.Length == 0,
                WithDisksAndClocks = true,
                KeepsJournals = true,
                Settings = LabSettings.Quick + "\n" + ClusterOracle.CountOnly,
                SettingsOnceThere = host => SinkSettings(elasticsearch = new ElasticsearchEnd(frames, host)),
            },
            cancel);
        await elasticsearch!.StartAsync();
        return new ClusterFaultRun(options, say, frames, lab, elasticsearch);
    }

    /// <summary>Runs it to its end.</summary>
    /// <returns>What it came to; what does not hold is in it and not an exception.</returns>
    public async Task<SoakReport> RunAsync(IReadOnlyList<IReadOnlyList<PlannedClusterFault>> schedule, CancellationToken cancel)
    {
        _say($"seed {_options.Seed}: {FaultSchedule.Text(schedule)}");
        await _lab.StartAsync(cancel);
        _clients = AliasClients.Start(_lab);
        _generator = new FrameGenerator(_frames, _clients.Next, _options.Rate, Senders, ClientDeadline);
        long start = Stopwatch.GetTimestamp();
        await FaultSchedule.RunAsync(
            schedule, _report, step => StepAsync(step, cancel), () => QuietAsync(cancel),
            step => _say(FormattableString.Invariant($"{step}: {_generator.Sent} frames sent, {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s")), EndAsync);
        return _report;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_generator is not null)
            await _generator.DisposeAsync();
        if (_clients is not null)
            await _clients.DisposeAsync();
        await _lab.DisposeAsync();
        await _elasticsearch.DisposeAsync();
    }

    private static string SinkSettings(ElasticsearchEnd elasticsearch) => string.Join('\n',
        ((SoakTarget[])[elasticsearch, new JsonFileTarget(), new LocalStoreTarget()])
        .SelectMany(t => t.Settings.Concat(SoakRun.Common).Select(s => s.Split('=', 2)).Select(s => $"ogrt.sinks.{t.Sink}.{s[0]} = {(s[0] == "endpoints" ? $"[\"{s[1]}\"]" : $"\"{s[1]}\"")}"))
        .Append("ogrt.sink-defaults.batch-count = 150")
        .Append("ogrt.journal.segment-size = 4 MiB")
        .Append("ogrt.journal.retry-interval = 50 ms"));

    private string ReasonAgainst(ClusterFaultKind kind) => kind switch
    {
        ClusterFaultKind.Partition or ClusterFaultKind.PartitionAll or ClusterFaultKind.OneWay or ClusterFaultKind.Flapping or ClusterFaultKind.Loss
            or ClusterFaultKind.Delay or ClusterFaultKind.DatabaseSlow when !_lab.CanCut => $"the network cannot be cut here: {_lab.WhyNoNamespaces}",
        ClusterFaultKind.DiskFull when _lab.Nodes.Any(n => n.Disk is null) => "file systems cannot be mounted here",
        ClusterFaultKind.ClockForward or ClusterFaultKind.ClockBack when _lab.Nodes.Any(n => n.Clock is null) => "there is no C compiler (cc) for the clock's library",
        ClusterFaultKind.DatabaseStopped or ClusterFaultKind.DatabaseKilled or ClusterFaultKind.DatabaseSlow when _lab.Database is null => PostgreSqlServer.Missing,
        _ => "",
    };

    private async Task StepAsync(IReadOnlyList<PlannedClusterFault> faults, CancellationToken cancel)
    {
        var ends = new Stack<(PlannedClusterFault Fault, Func<Task> End, long At)>();
        long start = Stopwatch.GetTimestamp();
        // What is done in order is done while the other faults are there.
        foreach (PlannedClusterFault fault in faults.OrderBy(f => f.IsOrderly))
        {
            long begun = Stopwatch.GetTimestamp();
            ends.Push((fault, await BeginAsync(fault, isAlone: faults.Count == 1, cancel), begun));
        }
        long wanted = _generator!.Sent + _options.FramesOfStep;
        TimeSpan least = faults.Max(f => LeastTime(f.Kind));
        await UntilAsync(() =>
        {
            foreach (PlannedClusterFault fault in faults.Where(f => f.Kind == ClusterFaultKind.Flapping))
                Flap(_lab.Nodes[fault.Node], Stopwatch.GetElapsedTime(start));
            return Task.FromResult(Stopwatch.GetElapsedTime(start) >= least && _generator.Sent >= wanted);
        }, () => $"{_options.FramesOfStep} frames are sent", cancel);
        while (ends.TryPop(out (PlannedClusterFault Fault, Func<Task> End, long At) one))
        {
            await one.End();
            _report.Add(one.Fault.Kind.ToString(), Stopwatch.GetElapsedTime(one.At));
        }
        await WholeAsync(cancel);
    }

    // As long as it takes a node to be put out, and a while beyond it.
    private TimeSpan LeastTime(ClusterFaultKind kind) => kind switch
    {
        ClusterFaultKind.Pause => TimeSpan.FromSeconds(15),
        ClusterFaultKind.Flapping => 4 * FlapEvery,
        ClusterFaultKind.Partition or ClusterFaultKind.PartitionAll or ClusterFaultKind.OneWay or ClusterFaultKind.KillNode or ClusterFaultKind.KillCoordinator
            or ClusterFaultKind.KillTwo => TimeSpan.FromSeconds(11),
        ClusterFaultKind.RollingRestart or ClusterFaultKind.OtherShards => TimeSpan.Zero,
        ClusterFaultKind.DatabaseStopped => _options.DatabaseAway,
        _ => TimeSpan.FromSeconds(6),
    };

    /// <summary>Makes a fault.</summary>
    /// <returns>What ends it; with a fault that is alone, also what says whether anything came of it.</returns>
    private async Task<Func<Task>> BeginAsync(PlannedClusterFault fault, bool isAlone, CancellationToken cancel)
    {
        LabNode node = _lab.Nodes[fault.Node];
        LabNode[] others = [.. _lab.Nodes.Where(n => n != node)];
        int before = _withdrawals.GetValueOrDefault(node);
        switch (fault.Kind)
        {
            case ClusterFaultKind.KillNode:
                return await KillAsync(node);
            case ClusterFaultKind.KillCoordinator:
                return await KillAsync(await CoordinatorAsync() ?? node);
            case ClusterFaultKind.KillTwo:
                return await KillAsync(others);
            case ClusterFaultKind.KillAll:
                return await KillAsync([.. _lab.Nodes]);
            case ClusterFaultKind.DiskLost:
                Func<Task> again = await KillAsync(node);
                _oracle.DiskIsLost(node);
                return again;
            case ClusterFaultKind.Pause:
                node.Pause();
                return () =>
                {
                    node.Resume();
                    return FeltAsync(fault, isAlone, () => _withdrawals.GetValueOrDefault(node) > before, cancel);
                };
            case ClusterFaultKind.Partition:
                foreach (LabNode other in others)
                    _lab.Partition(node, other);
                return CutAsync(() => _withdrawals.GetValueOrDefault(node) > before);
            case ClusterFaultKind.PartitionAll:
                int all = _withdrawals.Values.Sum();
                _lab.Partition(node, others[0]);
                _lab.Partition(node, others[1]);
                _lab.Partition(others[0], others[1]);
                return CutAsync(() => _withdrawals.Values.Sum() > all);
            case ClusterFaultKind.OneWay:
                foreach (LabNode other in others)
                    _lab.PartitionOneWay(node, other);
                return CutAsync(() => _withdrawals.GetValueOrDefault(node) > before);
            case ClusterFaultKind.Flapping:
                _flaps[node] = 0;
                return _lab.HealAsync;
            case ClusterFaultKind.Loss:
                _lab.Loss(LossPercent);
                return _lab.HealAsync;
            case ClusterFaultKind.Delay:
                Func<int> between = _lab.Delay(node, others[0], LongWay);
                return CutAsync(() => between() > 0);
            case ClusterFaultKind.DatabaseSlow:
                Func<int> asked = _lab.DelayDatabase(LongWay);
                return CutAsync(() => asked() > 0);
            case ClusterFaultKind.DiskFull:
                node.Disk!.Fill();
                return async () =>
                {
                    if (isAlone)
                        await UntilAsync(async () => (await node.SeriesAsync()).GetValueOrDefault("ogrt_journal_disk_full") > 0, () => "the disk is full", cancel);
                    node.Disk.Clear();
                };
            case ClusterFaultKind.ClockForward or ClusterFaultKind.ClockBack:
                TimeSpan jump = fault.Kind == ClusterFaultKind.ClockForward ? Hour : -Hour;
                node.Clock!.Jump(jump);
                return () =>
                {
                    node.Clock.Jump(-jump);
                    return Task.CompletedTask;
                };
            case ClusterFaultKind.DatabaseStopped:
                await _lab.Database!.StopAsync();
                return _lab.Database.BeginAsync;
            case ClusterFaultKind.DatabaseKilled:
                await _lab.Database!.KillAsync();
                await _lab.Database.BeginAsync();
                return () => Task.CompletedTask;
            case ClusterFaultKind.NamesChange:
                await _lab.SetAliasAsync(others, stillListed: true);
                return () => _lab.SetAliasAsync(_lab.Nodes);
            case ClusterFaultKind.RollingRestart:
                await RollAsync(cancel);
                return () => Task.CompletedTask;
            case ClusterFaultKind.OtherShards:
                await OtherShardsAsync(node, cancel);
                return () => Task.CompletedTask;
            default:
                throw new NotSupportedException($"{fault.Kind} is no fault of a cluster.");
        }

        Func<Task> CutAsync(Func<bool> felt) => async () =>
        {
            await FeltAsync(fault, isAlone, felt, cancel);
            await _lab.HealAsync();
        };
    }

    /// <summary>A fault that nobody notices shows nothing.</summary>
    private Task FeltAsync(PlannedClusterFault fault, bool isAlone, Func<bool> felt, CancellationToken cancel) =>
        isAlone ? UntilAsync(() => Task.FromResult(felt()), () => $"{fault} is felt", cancel) : Task.CompletedTask;

    private async Task<Func<Task>> KillAsync(params LabNode[] nodes)
    {
        foreach (LabNode node in nodes)
        {
            _heldDown.Add(node);
            _clients!.Of(node).Ends();
        }
        await Task.WhenAll(nodes.Select(n => n.KillAsync()));
        return async () =>
        {
            foreach (LabNode node in nodes)
            {
                await node.StartAsync();
                _heldDown.Remove(node);
            }
        };
    }

    private void Flap(LabNode node, TimeSpan elapsed)
    {
        int flaps = (int)(elapsed / FlapEvery) + 1;
        if (_flaps[node] == flaps) return;
        _flaps[node] = flaps;
        foreach (LabNode other in _lab.Nodes.Where(n => n != node))
        {
            if (flaps % 2 == 1) _lab.Partition(node, other);
            else _lab.Join(node, other);
        }
    }

    private async Task RollAsync(CancellationToken cancel)
    {
        foreach (LabNode node in _lab.Nodes)
        {
            await LeaveAsync(node);
            await node.StartAsync();
            _heldDown.Remove(node);
            await WholeAsync(cancel);
        }
    }

    private async Task OtherShardsAsync(LabNode node, CancellationToken cancel)
    {
        await LeaveAsync(node);
        await node.StartAsync($"jobs.shards={WrongShards}");
        await UntilAsync(() => Task.FromResult(!node.Runs), () => $"{node.Name} refuses to run with other shards", cancel);
        if (node.ExitCode != ExitConfiguration || !node.Said.Contains("ogrt.jobs.shards", StringComparison.Ordinal))
            _report.Violations.Add($"{node.Name} was started with another number of shards and ended with {node.ExitCode}: {node.Said}");
        await node.StartAsync();
        _heldDown.Remove(node);
    }

    private async Task LeaveAsync(LabNode node)
    {
        _heldDown.Add(node);
        int exitCode = await node.StopAsync();
        if (exitCode != 0)
            _report.Violations.Add($"{node.Name} was asked to stop and ended with {exitCode}: {node.Said}");
    }

    private async Task<LabNode?> CoordinatorAsync()
    {
        foreach (LabNode node in _lab.Nodes)
        {
            (int code, string output, _) = await node.CommandAsync("cluster", "show", "--json");
            if (code > 1) continue;
            using JsonDocument document = JsonDocument.Parse(output);
            string? name = document.RootElement.GetProperty("members").EnumerateArray()
                .Where(m => m.GetProperty("is_coordinator").GetBoolean()).Select(m => m.GetProperty("node").GetString()).FirstOrDefault();
            if (_lab.Nodes.FirstOrDefault(n => n.Name == name) is { } coordinator)
                return coordinator;
        }
        return null;
    }

    private Task WholeAsync(CancellationToken cancel) => UntilAsync(_lab.IsWholeAsync, () => "the servers are one cluster and ready", cancel);

    /// <summary>Waits until nothing moves, and holds everything against the journals.</summary>
    private async Task QuietAsync(CancellationToken cancel)
    {
        await _generator!.PauseAsync(cancel);
        string otherwise = "";
        await UntilAsync(async () => (otherwise = await _oracle.UnquietAsync()).Length == 0, () => $"all is in its place when nothing moves: {otherwise}", cancel);
        _report.QuietPoints++;
        _generator.Resume();
    }

    private async Task EndAsync()
    {
        await _generator!.DisposeAsync();
        foreach (LabNode node in _lab.Nodes)
        {
            _clients!.Of(node).Ends();
            await LeaveAsync(node);
        }
        await _oracle.VerifyAsync(_generator);
    }

    /// <summary>Waits until something holds. Nodes that were put out are started again meanwhile, as systemd does.</summary>
    private async Task UntilAsync(Func<Task<bool>> holds, Func<string> what, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            foreach (LabNode node in _lab.Nodes.Where(n => n.ExitCode is not null && !_heldDown.Contains(n)))
                await StartAgainAsync(node);
            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new TimeoutException($"Not within {Patience.TotalSeconds} s: {what()}.{_lab.LastWords()}");
            await Task.Delay(LookAgain, cancel);
        }
    }

    private async Task StartAgainAsync(LabNode node)
    {
        if (node.ExitCode == ClusterLab.Withdrawn)
            _withdrawals[node] = _withdrawals.GetValueOrDefault(node) + 1;
        else
            _report.Violations.Add($"{node.Name} ended with {node.ExitCode} by itself: {node.Said}");
        await node.StartAsync();
    }
}
