using System.CommandLine;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Ogrt.Server.Configuration;
using Ogrt.Server.Hosting;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server cluster</c>: the nodes of the cluster, and putting one out of it.</summary>
internal static class ClusterCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("cluster", "Look at the cluster, and take nodes out of it.");
        command.Subcommands.Add(Show(context));
        command.Subcommands.Add(Leave(context));
        command.Subcommands.Add(Down(context));
        context.Examples[command] =
        [
            ("ogrt-server cluster show", "All nodes, with their shards and jobs."),
            ("ogrt-server cluster leave node2.example.org:7972", "Let another node stop in order."),
            ("ogrt-server cluster down --confirm node2.example.org:7972", "Put out a node that has died."),
        ];
        return command;
    }

    private static Command Show(CommandContext context)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var plain = new Option<bool>("--plain") { Description = "Separate columns by tabs." };
        var command = new Command("show",
            "Show the nodes of the cluster as the running server sees them: their state, shards and jobs. Ends with 1 when a node is not up or not reachable, or fewer are there than expected.")
        {
            json, plain,
        };
        context.Examples[command] =
        [
            ("ogrt-server cluster show", "All nodes; the oldest is the first."),
            ("ogrt-server cluster show --json | jq '.members[] | select(.is_reachable | not)'", "Nodes that are out of sight."),
        ];
        command.SetAction(async (parse, cancel) =>
        {
            RuntimeSettings settings = context.LoadSettings(parse);
            using ControlConnection connection = SinksCommand.Connect(settings.Server);
            using HttpResponseMessage answer = await connection.SendAsync(HttpMethod.Get, "cluster", cancel);
            if (!answer.IsSuccessStatusCode) throw await ControlConnection.RefusalAsync(answer, cancel);
            ClusterView view = (await answer.Content.ReadFromJsonAsync<ClusterView>(ControlJson.Options, cancel))!;
            if (parse.GetValue(json)) context.Terminal.Output.WriteLine(JsonSerializer.Serialize(view, ControlJson.Options));
            else Write(context.Terminal, view, parse.GetValue(plain));
            bool whole = view.Members.Count >= view.ExpectedNodes && view.Members.All(m => m.Status == "up" && m.IsReachable);
            return whole ? ExitCode.Ok : ExitCode.Found;
        });
        return command;
    }

    private static Command Leave(CommandContext context)
    {
        var node = new Argument<string>("node") { HelpName = "NODE", Description = "HOST:PORT as 'cluster show' has it." };
        var command = new Command("leave", "Ask a node to stop in an orderly way and leave the cluster; 'ogrt-server leave' is for the one on this machine.") { node };
        context.Examples[command] = [("ogrt-server cluster leave node2.example.org:7972", "Its jobs are handed over to the others.")];
        command.SetAction(async (parse, cancel) =>
        {
            await PostAsync(context, parse, $"cluster/leave?node={Uri.EscapeDataString(parse.GetRequiredValue(node))}", cancel);
            context.Terminal.Error.WriteLine("The node is stopping; 'ogrt-server cluster show' shows when it has left.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Down(CommandContext context)
    {
        var confirm = new Option<string>("--confirm")
        {
            HelpName = "NODE",
            Required = true,
            Description = "The node, HOST:PORT as 'cluster show' has it. If it lives after all, its process ends, and what its jobs had not saved is sent again.",
        };
        var reachable = new Option<bool>("--reachable") { Description = "Put it out although it is reachable." };
        var command = new Command("down", "Declare a node dead, so that its jobs start elsewhere at once rather than when the cluster has made up its mind.") { confirm, reachable };
        context.Examples[command] = [("ogrt-server cluster down --confirm node2.example.org:7972", "Its machine is known to be off.")];
        command.SetAction(async (parse, cancel) =>
        {
            string path = $"cluster/down?node={Uri.EscapeDataString(parse.GetRequiredValue(confirm))}&reachable={(parse.GetValue(reachable) ? "yes" : "no")}";
            await PostAsync(context, parse, path, cancel);
            context.Terminal.Error.WriteLine("The node is being put out of the cluster.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task PostAsync(CommandContext context, ParseResult parse, string path, CancellationToken cancel)
    {
        RuntimeSettings settings = context.LoadSettings(parse);
        using ControlConnection connection = SinksCommand.Connect(settings.Server);
        using HttpResponseMessage answer = await connection.SendAsync(HttpMethod.Post, path, cancel);
        if (!answer.IsSuccessStatusCode) throw await ControlConnection.RefusalAsync(answer, cancel);
    }

    private static void Write(Terminal terminal, ClusterView view, bool plain)
    {
        if (!plain)
        {
            terminal.Output.WriteLine(SafeText.Of(string.Create(CultureInfo.InvariantCulture,
                $"Cluster {view.Name}: {view.Members.Count} of {view.ExpectedNodes} expected nodes, {view.SplitBrainStrategy}")));
            if (view.WaitsFor is { } what) terminal.Output.WriteLine(SafeText.Of($"This node is waiting for {what}"));
            if (view.ShardsUnknown is { } why) terminal.Error.WriteLine(SafeText.Of($"Shards and jobs are not known: {why}"));
        }
        var table = new TextTable(
            new TextTable.Column("NODE"), new TextTable.Column("STATUS"), new TextTable.Column("REACHABLE"), new TextTable.Column("SHARDS", true),
            new TextTable.Column("JOBS", true), new TextTable.Column("ROLES"), new TextTable.Column("IS"));
        foreach (ClusterMemberView member in view.Members)
        {
            table.Add(
                SafeText.Of(member.Node), member.Status, member.IsReachable ? "yes" : "no", Number(member.Shards), Number(member.Jobs),
                SafeText.Of(string.Join(", ", member.Roles)),
                string.Join(", ", new[] { member.IsSelf ? "this node" : "", member.IsLeader ? "leader" : "", member.IsCoordinator ? "coordinator" : "" }.Where(t => t.Length > 0)));
        }
        if (plain) table.WriteTabs(terminal.Output);
        else table.Write(terminal);
    }

    private static string Number(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "?";
}
