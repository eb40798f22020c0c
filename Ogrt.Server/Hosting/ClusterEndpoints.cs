using System.Text.Json;
using Akka.Actor;
using Akka.Cluster;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Ogrt.Actors.Cluster;
using Ogrt.Server.Configuration;
using AkkaCluster = Akka.Cluster.Cluster;

namespace Ogrt.Server.Hosting;

/// <summary>What <c>ogrt-server cluster</c> and <c>ogrt-server leave</c> ask of the running server, on the control socket alone.</summary>
internal sealed class ClusterEndpoints(RuntimeSettings settings, ServerParts parts, Action stop)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/cluster", context => ControlAccess.OnSocketAsync(context, () => ShowAsync(context)));
        routes.MapPost("/leave", context => ControlAccess.OnSocketAsync(context, () =>
        {
            stop();
            return context.Response.WriteAsync("ok\n", context.RequestAborted);
        }));
        routes.MapPost("/cluster/leave", context => ControlAccess.OnSocketAsync(context, () => WithMemberAsync(context, member => LeaveAsync(context, member))));
        routes.MapPost("/cluster/down", context => ControlAccess.OnSocketAsync(context, () => WithMemberAsync(context, member => DownAsync(context, member))));
    }

    private async Task ShowAsync(HttpContext context)
    {
        if (parts.System is not { } system)
        {
            await AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "The server is starting: its journal is being recovered.");
            return;
        }
        AkkaCluster cluster = AkkaCluster.Get(system);
        ClusterEvent.CurrentClusterState state = cluster.State;
        IReadOnlyDictionary<Address, (int Shards, int Jobs)> shards = parts.Jobs is { } jobs
            ? await jobs.CountShardsAsync(settings.Server.ControlTimeout / 2, context.RequestAborted)
            : new Dictionary<Address, (int, int)>();
        Member[] byAge = [.. state.Members.Order(Member.AgeOrdering)];
        Member? coordinator = Array.Find(byAge, m => m.HasRole(Ogrt.Actors.Cluster.ClusterSettings.JobsRole) && m.Status is MemberStatus.Up or MemberStatus.Leaving);
        var view = new ClusterView
        {
            Name = settings.Server.Cluster,
            Id = parts.Node?.ClusterId ?? "",
            Self = NodeAddress.Of(cluster.SelfAddress).ToString(),
            WaitsFor = parts.Node?.WaitsFor is { Length: > 0 } what ? what : null,
            ExpectedNodes = settings.Node.ExpectedNodes,
            RequiredNodes = settings.Node.RequiredNodes,
            SplitBrainStrategy = system.Settings.Config.GetString("akka.cluster.split-brain-resolver.active-strategy"),
            ShardsUnknown = shards.Count > 0 ? null : parts.Jobs is null ? "the node is not up" : "the nodes did not tell them in time, as while the cluster changes",
            Members = [.. byAge.Select(m => View(m, cluster, state, coordinator, shards))],
        };
        await context.Response.WriteAsJsonAsync(view, ControlJson.Options, context.RequestAborted);
    }

    private static ClusterMemberView View(
        Member member, AkkaCluster cluster, ClusterEvent.CurrentClusterState state, Member? coordinator,
        IReadOnlyDictionary<Address, (int Shards, int Jobs)> shards)
    {
        NodeAddress address = NodeAddress.Of(member.Address);
        bool known = shards.TryGetValue(member.Address, out (int Shards, int Jobs) hosted);
        return new ClusterMemberView
        {
            Node = address.ToString(),
            Status = JsonNamingPolicy.KebabCaseLower.ConvertName(member.Status.ToString()),
            Roles = [.. member.Roles.Order(StringComparer.Ordinal)],
            IsSelf = member.UniqueAddress == cluster.SelfUniqueAddress,
            IsLeader = state.Leader == member.Address,
            IsCoordinator = coordinator?.UniqueAddress == member.UniqueAddress,
            IsReachable = !state.Unreachable.Contains(member),
            Shards = known ? hosted.Shards : null,
            Jobs = known ? hosted.Jobs : null,
        };
    }

    private async Task LeaveAsync(HttpContext context, Member member)
    {
        if (member.Address == AkkaCluster.Get(parts.System!).SelfAddress)
        {
            stop();
        }
        else
        {
            try
            {
                await OgrtCluster.AskToLeaveAsync(parts.System!, NodeAddress.Of(member.Address), settings.Server.ControlTimeout / 2);
            }
            catch (TimeoutException)
            {
                await AnswerAsync(context, StatusCodes.Status504GatewayTimeout,
                    $"{NodeAddress.Of(member.Address)} does not answer. If it is gone for good, 'ogrt-server cluster down --confirm {NodeAddress.Of(member.Address)}' puts it out of the cluster.");
                return;
            }
        }
        await AnswerAsync(context, StatusCodes.Status200OK, "ok");
    }

    private async Task DownAsync(HttpContext context, Member member)
    {
        AkkaCluster cluster = AkkaCluster.Get(parts.System!);
        NodeAddress node = NodeAddress.Of(member.Address);
        if (!cluster.State.Unreachable.Contains(member) && context.Request.Query["reachable"] != "yes")
        {
            await AnswerAsync(context, StatusCodes.Status409Conflict,
                $"{node} is reachable: 'ogrt-server cluster leave {node}' lets it hand its jobs over. --reachable puts it out all the same.");
            return;
        }
        cluster.Down(member.Address);
        await AnswerAsync(context, StatusCodes.Status200OK, "ok");
    }

    private Task WithMemberAsync(HttpContext context, Func<Member, Task> act)
    {
        string text = context.Request.Query["node"].ToString();
        if (parts.System is not { } system)
            return AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "The server is starting.");
        System.Collections.Immutable.ImmutableSortedSet<Member> members = AkkaCluster.Get(system).State.Members;
        return NodeAddress.TryParse(text, out NodeAddress? node) && members.FirstOrDefault(m => NodeAddress.Of(m.Address) == node) is { } member
            ? act(member)
            : AnswerAsync(context, StatusCodes.Status404NotFound,
                $"There is no node '{text}' in the cluster; there are: {string.Join(", ", members.Select(m => NodeAddress.Of(m.Address).ToString()))}");
    }

    private static Task AnswerAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }
}
