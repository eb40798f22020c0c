using System.Text;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// A job that lives on this node, at a glance: what its actor shows after each batch for whoever looks at many jobs at once. The
/// actor alone writes it; what others read may be a mixture of two moments, which for a glance is good enough.
/// </summary>
public sealed class JobGlance
{
    /// <summary>The rate follows a change within about so long.</summary>
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(10);

    private readonly string _entityId;
    private byte[]? _userBytes;
    private string _user = "";
    private double _rate;
    private long _rateAt = Environment.TickCount64;

    internal JobGlance(string entityId) => _entityId = entityId;

    /// <summary>The job id, as clients send it.</summary>
    public string JobId => JobName.JobIdOf(_entityId);

    /// <summary>The user, as the first process names it; empty while none has.</summary>
    public string User => _user;

    /// <summary>What its last sign of life makes of it.</summary>
    public JobState State { get; private set; }

    /// <summary>Processes, each counted once.</summary>
    public long Processes { get; private set; }

    /// <summary>Those that ended with another exit code than 0, or by a signal.</summary>
    public long Failed { get; private set; }

    /// <summary>Hosts that they ran on.</summary>
    public int Hosts { get; private set; }

    /// <summary>Processes that the tree knows one by one.</summary>
    public int Known { get; private set; }

    /// <summary>Nodes of the tree.</summary>
    public int Nodes { get; private set; }

    /// <summary>The start of its first process, in nanoseconds since 1970; 0 when unknown.</summary>
    public long StartNs { get; private set; }

    /// <summary>When a frame last changed it, by the clock of this node, in nanoseconds since 1970.</summary>
    public long LastNs { get; private set; }

    /// <summary>Frames that have changed it since its actor started here.</summary>
    public long Frames { get; private set; }

    /// <summary>Frames a second, lately.</summary>
    public double Rate => Decayed(Environment.TickCount64);

    internal void Show(JobIncarnation job, int frames)
    {
        JobTree tree = job.Tree;
        State = job.State;
        (Processes, Failed, Hosts) = (tree.ProcessCount, tree.FailedCount, tree.HostCount);
        (Known, Nodes) = (tree.KnownProcesses, tree.CollapsedNodes);
        (StartNs, LastNs) = (tree.FirstTimeNs, job.LastChangeNs);
        if (tree.User is { } user && !ReferenceEquals(user, _userBytes))
        {
            _userBytes = user;
            _user = Encoding.UTF8.GetString(user);
        }
        if (frames == 0) return;
        long now = Environment.TickCount64;
        _rate = Decayed(now) + (frames / RateWindow.TotalSeconds);
        _rateAt = now;
        Frames += frames;
    }

    private double Decayed(long now) => _rate * Math.Exp((_rateAt - now) / RateWindow.TotalMilliseconds);
}
