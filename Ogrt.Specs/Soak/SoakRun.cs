using System.Diagnostics;
using System.Net;
using Ogrt.Specs.EndToEnd;

namespace Ogrt.Specs.Soak;

/// <summary>
/// A run: a server in a process of its own, frames over TCP and UDP, targets, faults by a schedule, and then the oracle: everything
/// that the journal confirmed is in each target or in its dead letters, as it was made.
/// </summary>
internal sealed class SoakRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private const int EnoughFelt = 2;
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan[] Jumps = [TimeSpan.FromSeconds(2), TimeSpan.FromHours(1), TimeSpan.FromDays(3)];

    private readonly SoakOptions _options;
    private readonly NumberedFrames _frames;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ogrt-soak-");
    private readonly List<SoakTarget> _targets = [];
    private readonly Action<string> _say;
    private readonly SoakReport _report = new();
    private readonly SmallDisk? _disk;
    private readonly JumpingClock? _clock;
    private readonly string _data;
    private ServerProcess? _server;
    private FrameGenerator? _generator;
    private FramePeer? _peer;
    private IReadOnlyDictionary<string, long> _cursorsAtStart = new Dictionary<string, long>();
    private int _jumps;
    private bool _diskIsFull;

    private SoakRun(SoakOptions options, Action<string> say)
    {
        (_options, _say) = (options, say);
        _frames = new NumberedFrames(options.Seed, options.PoisonEvery);
        (_disk, string noDisk) = SmallDisk.Mount(_directory);
        (_clock, string noClock) = JumpingClock.Make(_directory);
        _data = _disk?.Path ?? _directory.CreateSubdirectory("data").FullName;
        CannotBe = [.. new[] { (FaultKind.DiskFull, noDisk), (FaultKind.ClockForward, noClock), (FaultKind.ClockBack, noClock) }.Where(c => c.Item2.Length > 0)];
    }

    /// <summary>Faults that cannot be made on this machine, with the reasons.</summary>
    public IReadOnlyList<(FaultKind Kind, string Reason)> CannotBe { get; }

    /// <summary>The faults of the server that can be made on this machine.</summary>
    public IReadOnlyList<FaultKind> OfServer =>
    [
        .. new[] { FaultKind.KillServer, FaultKind.StopServer, FaultKind.DiskFull, FaultKind.ClockForward, FaultKind.ClockBack }
            .Where(kind => CannotBe.All(c => c.Kind != kind)),
    ];

    /// <summary>The targets.</summary>
    public IReadOnlyList<SoakTarget> Targets => _targets;

    private string Journal => Path.Combine(_data, "journal");

    /// <summary>Prepares a run with the ends that need nothing but this process; <see cref="RunAsync"/> runs it.</summary>
    /// <param name="options">What it is.</param>
    /// <param name="say">Told what happens, a line at a time.</param>
    public static async Task<SoakRun> CreateAsync(SoakOptions options, Action<string> say)
    {
        var run = new SoakRun(options, say);
        var elasticsearch = new ElasticsearchEnd(run._frames);
        var splunk = new SplunkEnd(run._frames, run._directory);
        run._targets.AddRange([elasticsearch, splunk, new JsonFileTarget(), new LocalStoreTarget()]);
        await elasticsearch.StartAsync();
        await splunk.StartAsync();
        return run;
    }

    /// <summary>Prepares a run with these targets.</summary>
    public static SoakRun Create(SoakOptions options, Action<string> say, Func<NumberedFrames, DirectoryInfo, IEnumerable<SoakTarget>> targets)
    {
        var run = new SoakRun(options, say);
        run._targets.AddRange(targets(run._frames, run._directory));
        return run;
    }

    /// <summary>Runs it to its end.</summary>
    /// <returns>What it came to; what does not hold is in it and not an exception.</returns>
    public async Task<SoakReport> RunAsync(IReadOnlyList<IReadOnlyList<PlannedFault>> schedule, CancellationToken cancellation)
    {
        _say($"seed {_options.Seed}: {FaultSchedule.Text(schedule)}");
        Ledger.Keep(Journal);
        _server = await ServerProcess.StartAsync(Settings(), cancellation, environment: _clock?.Environment);
        _peer = new FramePeer(new IPEndPoint(IPAddress.Loopback, _server.Port));
        _generator = new FrameGenerator(_frames, () => _peer, _options.Rate);
        await FaultSchedule.RunAsync(
            schedule, _report, step => StepAsync(step, cancellation), () => QuietAsync(cancellation),
            step => _say($"{step}: {_generator.Sent} frames sent"), () => VerifyAsync(cancellation));
        return _report;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_generator is not null)
            await _generator.DisposeAsync();
        _disk?.Clear();
        if (_server is not null)
            await _server.DisposeAsync();
        foreach (SoakTarget target in _targets)
            await target.DisposeAsync();
        _disk?.Dispose();
        _directory.Delete(recursive: true);
    }

    private IEnumerable<string> Settings() =>
    [
        $"ogrt.data-directory={_data}", "ogrt.journal.segment-size=4 MiB", "ogrt.journal.max-size=512 MiB", "ogrt.journal.retry-interval=20 ms",
        "ogrt.sinks.local.enabled=off", "ogrt.sinks.json-file.enabled=off", "ogrt.shutdown.flush-timeout=1 s", "ogrt.jobs.record-interval=2 s",
        // Soon again, and never too late to be seen.
        "ogrt.sink-defaults.backoff-min=5 ms", "ogrt.sink-defaults.backoff-max=100 ms", "ogrt.sink-defaults.backoff-paused=100 ms",
        "ogrt.sink-defaults.batch-count=150", "ogrt.sink-defaults.stop-timeout=1 s",
        .. _targets.SelectMany(t => Common.Concat(t.Settings).Select(s => $"ogrt.sinks.{t.Sink}.{s}")),
    ];

    /// <summary>What every sink of a run is set to, beside what the types have of their own, which would go before the defaults.</summary>
    public static IEnumerable<string> Common => ["enabled=on", "batch-linger=20 ms", "send-timeout=1500 ms"];

    private async Task StepAsync(IReadOnlyList<PlannedFault> faults, CancellationToken cancellation)
    {
        var begun = new Stack<(PlannedFault Fault, long At)>();
        IReadOnlyDictionary<string, SinkSeries> before = await SinksAsync(cancellation);
        bool sameLife = true;
        foreach (PlannedFault fault in faults)
        {
            begun.Push((fault, Stopwatch.GetTimestamp()));
            sameLife &= await BeginAsync(fault, cancellation);
        }
        await SendAsync(_options.FramesOfStep, faults.Any(f => f.Kind == FaultKind.DiskFull), cancellation);
        if (sameLife)
            await OthersGoOnAsync(before, faults, cancellation);
        while (begun.TryPop(out (PlannedFault Fault, long At) one))
        {
            await EndAsync(one.Fault);
            _report.Add(one.Fault.ToString(), Stopwatch.GetElapsedTime(one.At));
        }
    }

    /// <summary>Makes a fault, and waits until it is felt.</summary>
    /// <returns>Whether the server has lived through it, and had room.</returns>
    private async Task<bool> BeginAsync(PlannedFault fault, CancellationToken cancellation)
    {
        switch (fault.Kind)
        {
            case FaultKind.KillServer:
                _peer!.Ends();
                _server!.KillNow();
                await StartAgainAsync(cancellation);
                return false;
            case FaultKind.StopServer:
                _peer!.Ends();
                int exitCode = await _server!.StopAsync(cancellation);
                if (exitCode != 0)
                    _report.Violations.Add($"The server ended with {exitCode} when it was asked to stop:\n{_server.Said}");
                await StartAgainAsync(cancellation);
                return false;
            case FaultKind.DiskFull:
                _disk!.Fill();
                _diskIsFull = true;
                await UntilAsync(async () => (await _server!.SeriesAsync(cancellation)).GetValueOrDefault("ogrt_journal_disk_full") > 0, "the disk is full", cancellation);
                return false;
            case FaultKind.ClockForward:
            case FaultKind.ClockBack:
                TimeSpan jump = Jumps[_jumps++ % Jumps.Length];
                _clock!.Jump(fault.Kind == FaultKind.ClockForward ? jump : -jump);
                return true;
            default:
                SoakTarget target = _targets.Single(t => t.Sink == fault.Sink);
                await target.BeginAsync(fault.Kind);
                await UntilAsync(
                    async () => target.Felt is { } felt ? felt >= EnoughFelt : (await SinksAsync(cancellation))[fault.Sink].IsWaiting, $"{fault} is felt", cancellation);
                return true;
        }
    }

    private async Task EndAsync(PlannedFault fault)
    {
        if (fault.Kind == FaultKind.DiskFull)
        {
            _disk!.Clear();
            _diskIsFull = false;
        }
        else if (fault.Sink.Length > 0)
            await _targets.Single(t => t.Sink == fault.Sink).EndAsync();
    }

    private async Task StartAgainAsync(CancellationToken cancellation)
    {
        _cursorsAtStart = Ledger.ReadCursors(Journal);
        await _server!.RestartAsync(cancellation, canBeReady: !_diskIsFull);
    }

    /// <summary>Waits until so many more frames were sent; while nothing is taken, only until some were.</summary>
    private async Task SendAsync(int frames, bool nothingIsTaken, CancellationToken cancellation)
    {
        long until = _generator!.Sent + (nothingIsTaken ? frames / 10 : frames);
        await UntilAsync(() => Task.FromResult(_generator.Sent >= until), $"{until} frames are sent", cancellation);
    }

    /// <summary>A sink whose target has no fault settles everything that was there when others' faults began.</summary>
    private async Task OthersGoOnAsync(IReadOnlyDictionary<string, SinkSeries> before, IReadOnlyList<PlannedFault> faults, CancellationToken cancellation)
    {
        foreach (SoakTarget other in _targets.Where(t => faults.All(f => f.Sink != t.Sink)))
        {
            SinkSeries then = before[other.Sink];
            await UntilAsync(
                async () => (await SinksAsync(cancellation))[other.Sink].Settled >= then.Settled + then.LagRecords,
                $"{other.Sink}, whose target is well, goes on while others have {string.Join(", ", faults)}", cancellation);
        }
    }

    /// <summary>Waits until nothing moves, and holds the metrics against each other and against the cursors.</summary>
    private async Task QuietAsync(CancellationToken cancellation)
    {
        await _generator!.PauseAsync(cancellation);
        string otherwise = "";
        try
        {
            await UntilAsync(async () => (otherwise = await UnquietAsync(cancellation)).Length == 0, "the metrics are conserved when nothing moves", cancellation);
            _report.QuietPoints++;
        }
        catch (TimeoutException)
        {
            _report.Violations.Add($"Not conserved: {otherwise}. The server said:\n{_server!.Said}");
        }
        _generator.Resume();
    }

    /// <summary>What is not as it should be when nothing moves; empty when all is.</summary>
    private async Task<string> UnquietAsync(CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, SinkSeries> sinks = await SinksAsync(cancellation);
        IReadOnlyDictionary<string, long> cursors = Ledger.ReadCursors(Journal);
        foreach ((string name, SinkSeries sink) in sinks)
        {
            string cursor = "sink-" + name;
            long passed = cursors.GetValueOrDefault(cursor) - _cursorsAtStart.GetValueOrDefault(cursor);
            // A stream that began anew has read some records twice.
            bool counted = sink.Restarts > 0 ? sink.Accepted >= passed : sink.Accepted == passed;
            if (sink is not { LagRecords: 0, Pending: 0, IsConserved: true, Dropped: 0 } || !counted)
                return $"{name}: {sink}, {passed} records passed by its cursor since the start";
        }
        return "";
    }

    private async Task VerifyAsync(CancellationToken cancellation)
    {
        await _generator!.DisposeAsync();
        _peer!.Ends();
        int exitCode = await _server!.StopAsync(cancellation);
        if (exitCode != 0)
            _report.Violations.Add($"The server ended with {exitCode} at the end:\n{_server.Said}");
        Ledger ledger = Ledger.Read(Journal, _frames);
        _report.Violations.AddRange(ledger.Violations);
        foreach (long number in _generator.Confirmed.Where(n => !ledger.Numbers.ContainsKey(n)))
            _report.Violations.Add($"The server read {number} from its socket, and it is not in the journal.");
        (_report.Sent, _report.SeenRead, _report.Confirmed, _report.JobRecords) =
            (_generator.Sent, _generator.Confirmed.Count, ledger.Numbers.Count, ledger.Jobs.Count);
        foreach (SoakTarget target in _targets)
        {
            Verification verification = await Verification.OfAsync(target, ledger, _frames, _data);
            _report.Add(target.Sink, verification.Delivered, verification.Duplicates, verification.DeadLetters);
            _report.Violations.AddRange(verification.Violations);
        }
    }

    private async Task<IReadOnlyDictionary<string, SinkSeries>> SinksAsync(CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, double> series = await _server!.SeriesAsync(cancellation);
        return _targets.ToDictionary(t => t.Sink, t => SinkSeries.Of(series, t.Sink));
    }

    private async Task UntilAsync(Func<Task<bool>> holds, string what, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new TimeoutException($"Not within {Patience.TotalSeconds} s: {what}. The server said:\n{_server!.Said}");
            await Task.Delay(LookAgain, cancellation);
        }
    }
}
