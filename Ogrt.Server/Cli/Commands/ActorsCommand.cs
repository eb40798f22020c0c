using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Ogrt.Actors.Watch;
using Ogrt.Server.Cli.Watch;
using Ogrt.Server.Hosting;
using Ogrt.Server.Overview;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server actors</c>: the tree of actors with counts.</summary>
internal static class ActorsCommand
{
    public static Command Create(CommandContext context)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document: the tree, with the children of one actor that are too many counted together." };
        var kinds = new Option<bool>("--kinds") { Description = "Show only the table of kinds, with rates over a second." };
        var expand = new Option<bool>("--expand") { Description = "Show each actor; without it, leaves of the same kind below one actor are counted together." };
        var system = new Option<bool>("--system") { Description = "Show Akka's own actors below /system too." };
        var command = new Command("actors", "Show the actors of the running server: the tree with counts, and what waits in their mailboxes.") { kinds, expand, system, json };
        context.Examples[command] =
        [
            ("ogrt-server actors", "The tree, alike leaves together."),
            ("ogrt-server actors --kinds", "Mailboxes, waits and rates by kind."),
        ];
        command.SetAction(async (parse, cancel) =>
        {
            Terminal terminal = context.Terminal;
            using var watch = new ServerWatch(context.LoadSettings(parse).Server);
            if (parse.GetValue(kinds))
            {
                OverviewView before = await watch.OverviewAsync(0, 0, cancel);
                await Task.Delay(TimeSpan.FromSeconds(1), terminal.Clock, cancel);
                OverviewView now = await watch.OverviewAsync(0, 0, cancel);
                if (parse.GetValue(json)) terminal.Output.WriteLine(JsonSerializer.Serialize(now.Actors, ControlJson.Options));
                else ActorTable.Of(now.Actors, before.Actors, (now.Time - before.Time).TotalSeconds).Write(terminal);
                return ExitCode.Ok;
            }
            ActorNode root = await watch.ActorsAsync(cancel);
            if (parse.GetValue(json)) terminal.Output.WriteLine(JsonSerializer.Serialize(root, ControlJson.Options));
            else Write(terminal, root, parse.GetValue(expand), parse.GetValue(system));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(Terminal terminal, ActorNode root, bool expand, bool system)
    {
        terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{root.Actors} actors, {root.AllMessages} messages in mailboxes"));
        foreach (ActorNode guardian in root.Children)
        {
            bool akka = guardian.Name == "system" && !system;
            terminal.Output.WriteLine(Line(guardian));
            WriteChildren(terminal, akka ? guardian with { Children = [.. guardian.Children.Where(Matters)] } : guardian, "", expand);
        }
    }

    // Of Akka's own, those that our kinds are among.
    private static bool Matters(ActorNode node) => node.Kind != "other" || node.Children.Any(Matters);

    private static void WriteChildren(Terminal terminal, ActorNode node, string indent, bool expand)
    {
        (string tee, string corner, string bar) = terminal.Unicode ? ("├─ ", "└─ ", "│  ") : ("|- ", "`- ", "|  ");
        List<ActorNode> rows = expand ? [.. node.Children.OrderBy(c => c.Name, StringComparer.Ordinal)] : Folded(node.Children);
        for (int i = 0; i < rows.Count; i++)
        {
            bool last = i == rows.Count - 1;
            terminal.Output.WriteLine(SafeText.Cut(indent + (last ? corner : tee) + Line(rows[i]), terminal.Width, terminal.Unicode ? "…" : "+"));
            WriteChildren(terminal, rows[i], indent + (last ? "   " : bar), expand);
        }
    }

    private static List<ActorNode> Folded(IReadOnlyList<ActorNode> children)
    {
        var rows = new List<ActorNode>();
        foreach (IGrouping<string, ActorNode> kind in children.GroupBy(c => c.Children.Count == 0 ? c.Kind : "\0" + c.Name).OrderBy(g => g.Key.TrimStart('\0'), StringComparer.Ordinal))
        {
            List<ActorNode> alike = [.. kind];
            rows.Add(alike is [{ } only] ? only : new ActorNode(
                "…", alike[0].Kind, alike.Sum(a => a.Count), alike.Sum(a => a.Actors), alike.Sum(a => a.Messages), alike.Sum(a => a.AllMessages), []));
        }
        return rows;
    }

    private static string Line(ActorNode node)
    {
        string name = node.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"{node.Count} {node.Kind} actors") : SafeText.Of(Uri.UnescapeDataString(node.Name));
        string kind = node.Count > 1 || node.Kind == "other" ? "" : $" ({node.Kind})";
        string below = node.Children.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $", {node.Actors - 1} below") : "";
        string mail = node.AllMessages > 0 ? string.Create(CultureInfo.InvariantCulture, $", {node.AllMessages} messages wait") : "";
        return name + kind + below + mail;
    }
}
