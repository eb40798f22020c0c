using System.Collections.Concurrent;

namespace Ogrt.Specs.Shim.Differential;

/// <summary>The servers in all their states, the sandbox, and the libraries of a differential run.</summary>
internal sealed class Laboratory : IDisposable
{
    private readonly Sandbox _sandbox;
    private readonly World _down;
    private readonly World _up;
    private readonly World _udp;
    private readonly World[] _worlds;
    private readonly Comparison _comparison;

    /// <param name="helper">The helper program.</param>
    /// <param name="folder">For reports.</param>
    /// <param name="tcp">A library that sends the environment by TCP to port 7971 of 127.0.0.1.</param>
    /// <param name="udp">The same by UDP.</param>
    /// <param name="everything">A library by TCP that does all that it can be told to, at the end of a program too.</param>
    /// <param name="empty">A library that does nothing.</param>
    public Laboratory(string helper, string folder, string tcp, string udp, string everything, string empty)
    {
        _sandbox = new Sandbox(helper, folder);
        var worlds = new ConcurrentDictionary<string, World>();
        Parallel.ForEach(["up", "up-udp", "down", "full", "silent"], state => worlds[state] = new World(helper, state));
        _worlds = [.. worlds.Values];
        (_down, _up, _udp) = (worlds["down"], worlds["up"], worlds["up-udp"]);
        Plain = new Mode("without a library", _down, null, Active: false);
        Up = new Mode("the server takes records by TCP", _up, tcp, Active: true);
        Modes =
        [
            Up,
            new Mode("the server takes records by UDP", _udp, udp, Active: true),
            new Mode("everything is reported, the end too", _up, everything, Active: true) { ReportsEnd = true },
            new Mode("inactive", _up, everything, Active: false),
            new Mode("the server is down", _down, everything, Active: true) { ReportsEnd = true },
            new Mode("the server takes connections and does not read", worlds["full"], everything, Active: true) { ReportsEnd = true },
            new Mode("the server is silent", worlds["silent"], everything, Active: true) { ReportsEnd = true },
        ];
        _comparison = new Comparison(_sandbox.Run, Plain, empty);
    }

    public Mode Plain { get; }

    public Mode Up { get; }

    /// <summary>All but <see cref="Plain"/>.</summary>
    public IReadOnlyList<Mode> Modes { get; }

    /// <summary>How many records have come by TCP.</summary>
    public long RecordsByTcp => _up.Records();

    /// <summary>How many records have come by UDP.</summary>
    public long RecordsByUdp => _udp.Records();

    public Verdict Compare(Subject subject, IEnumerable<Mode> modes) => _comparison.Compare(subject, modes);

    /// <summary>What a run in a mode looks like.</summary>
    public Outcome Run(Subject subject, Mode mode, int limit = 40) => _sandbox.Run(subject, mode, limit);

    public void Dispose()
    {
        foreach (World world in _worlds)
            world.Dispose();
    }
}
