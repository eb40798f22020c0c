using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster;
using Ogrt.Actors.Jobs;
using Ogrt.Actors.Watch;
using Ogrt.Server.Cli;
using Ogrt.Server.Hosting;
using Ogrt.Sinks.Delivery;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Overview;

/// <summary>
/// Puts together what <c>ogrt-server top</c> shows. It reads counters that are kept anyway, outside of every actor and thread that frames
/// pass, and what costs more is looked at once however many ask: nobody slows the server by watching it.
/// </summary>
internal sealed class OverviewSource(ServerParts parts) : IDisposable
{
    /// <summary>A compute node that has said nothing for so long is silent.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromMinutes(5);

    /// <summary>Up to this long a node counts as sending.</summary>
    public static readonly TimeSpan SendingWithin = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ShardsFresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShardsTimeout = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _one = new(1);
    private readonly DateTimeOffset _started = Process.GetCurrentProcess().StartTime;
    private OverviewView? _last;
    private long _lastAt;
    private IReadOnlyDictionary<Address, (int Shards, int Jobs)> _shards = new Dictionary<Address, (int, int)>();
    private long _shardsAt;

    /// <summary>The server as it is now.</summary>
    /// <param name="jobs">How many jobs at most.</param>
    /// <param name="nodes">How many compute nodes at most.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<OverviewView> LookAsync(int jobs, int nodes, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_last is null || Stopwatch.GetElapsedTime(_lastAt) > Fresh)
            {
                _last = await LookAnewAsync(cancel).ConfigureAwait(false);
                _lastAt = Stopwatch.GetTimestamp();
            }
            return WithLists(_last, jobs, nodes);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<OverviewView> LookAnewAsync(CancellationToken cancel)
    {
        IReadOnlyList<KindSample> actors = await parts.ActorMetrics.LookAsync(TimeSpan.FromMilliseconds(500), cancel).ConfigureAwait(false);
        List<MemberView> members = await MembersAsync(cancel).ConfigureAwait(false);
        List<SinkView> sinks = [.. parts.Sinks.OrderBy(s => s.Name, StringComparer.Ordinal).Select(SinkView.Of)];
        List<RemainderView> remainders = Remainders();
        var stages = new PipelineStages(parts, actors);
        return new OverviewView
        {
            Time = DateTimeOffset.UtcNow,
            Server = new ServerView(
                VersionText.Version, Environment.ProcessId, _started, parts.Phase.ToString().ToLowerInvariant(), parts.ClusterName,
                members.FirstOrDefault(m => m.Self)?.Address ?? ""),
            Pipeline = stages.All(),
            Losses = stages.Losses(),
            Unaccounted = remainders,
            Jobs = [],
            JobsTotal = parts.JobMetrics.Active,
            Nodes = [],
            NodesTotal = parts.JobMetrics.Hosts.Count,
            NodesSilent = 0,
            Sinks = sinks,
            Members = members,
            Actors = [.. actors.Select(sample => ActorKindView.Of(parts.ActorMetrics, sample))],
        };
    }

    private OverviewView WithLists(OverviewView view, int jobs, int nodes)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        IReadOnlyList<ReportingHost> hosts = parts.JobMetrics.Hosts.All();
        return view with
        {
            Jobs = [.. parts.JobMetrics.Glances.Select(job => Job(job, now)).OrderByDescending(job => job.Rate).ThenBy(job => job.IdleSeconds).Take(jobs)],
            Nodes = [.. hosts.OrderByDescending(host => host.LastNs).Take(nodes).Select(host => Node(host, now))],
            NodesSilent = hosts.Count(host => now - Durations.FromUnixNanoseconds(host.LastNs) > SilentAfter),
        };
    }

    private static JobView Job(JobGlance job, DateTimeOffset now) => new(
        job.JobId, job.User,
        job.State switch { JobState.JobQuiet => "quiet", JobState.JobEnded => "ended", _ => "running" },
        job.Processes, job.Failed, job.Hosts, job.Nodes, job.Frames, Math.Round(job.Rate, 3),
        job.StartNs == 0 ? null : Durations.FromUnixNanoseconds(job.StartNs),
        Age(job.LastNs, now));

    private static NodeView Node(ReportingHost host, DateTimeOffset now)
    {
        double idle = Age(host.LastNs, now);
        return new NodeView(
            host.Name, host.Frames, Durations.FromUnixNanoseconds(host.FirstNs), Durations.FromUnixNanoseconds(host.LastNs), idle,
            idle <= SendingWithin.TotalSeconds ? "sending" : idle <= SilentAfter.TotalSeconds ? "quiet" : "silent");
    }

    private static double Age(long ns, DateTimeOffset now) => Math.Max(0, Math.Round((now - Durations.FromUnixNanoseconds(ns)).TotalSeconds, 3));

    /// <summary>The sums that must be 0. Each is read several times: numbers that move are no mistake.</summary>
    private List<RemainderView> Remainders()
    {
        var found = new List<RemainderView>();
        if (Unaccounted.OfJournal(parts) is var journal and not 0)
            found.Add(new RemainderView("journal", journal, "appended - frames of the listeners - job records"));
        foreach (SinkDelivery sink in parts.Sinks)
        {
            if (sink.Metrics.Unaccounted is var remainder and not 0)
                found.Add(new RemainderView("sink " + sink.Name, remainder, "accepted - delivered - duplicate - dead-lettered - skipped - dropped - pending"));
        }
        return found;
    }

    private async Task<List<MemberView>> MembersAsync(CancellationToken cancel)
    {
        if (parts.System is not { } system || parts.Jobs is not { } jobs) return [];
        if (_shardsAt == 0 || Stopwatch.GetElapsedTime(_shardsAt) > ShardsFresh)
        {
            _shards = await jobs.CountShardsAsync(ShardsTimeout, cancel).ConfigureAwait(false);
            _shardsAt = Stopwatch.GetTimestamp();
        }
        Cluster cluster = Cluster.Get(system);
        ClusterEvent.CurrentClusterState state = cluster.State;
        return
        [
            .. state.Members.OrderBy(m => m.Address.ToString(), StringComparer.Ordinal).Select(member =>
            {
                bool known = _shards.TryGetValue(member.Address, out (int Shards, int Jobs) shards);
                return new MemberView(
                    $"{member.Address.Host}:{member.Address.Port}", member.Status.ToString().ToLowerInvariant(), !state.Unreachable.Contains(member),
                    Equals(state.Leader, member.Address), member.Address == cluster.SelfAddress, [.. member.Roles.Order(StringComparer.Ordinal)],
                    known ? shards.Shards : null, known ? shards.Jobs : null);
            }),
        ];
    }
}
