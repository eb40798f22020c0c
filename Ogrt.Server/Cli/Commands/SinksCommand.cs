using System.CommandLine;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Ogrt.Server.Configuration;
using Ogrt.Server.Hosting;
using Ogrt.Sinks;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server sinks</c>: how the sinks of the running server are, and <c>sinks resume</c>.</summary>
internal static class SinksCommand
{
    public static Command Create(CommandContext context)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var plain = new Option<bool>("--plain") { Description = "Separate columns by tabs." };
        var command = new Command("sinks", "Show the sinks of the running server: what each does, why it waits, and how far it is behind.") { json, plain };
        command.Subcommands.Add(Resume(context));
        context.Examples[command] =
        [
            ("ogrt-server sinks", "All sinks, with the cause of what waits."),
            ("ogrt-server sinks --json | jq '.[] | select(.phase != \"running\")'", "Those that need somebody."),
        ];
        command.SetAction(async (parse, cancel) =>
        {
            RuntimeSettings settings = context.LoadSettings(parse);
            List<SinkView> sinks = await FetchAsync(settings.Server, cancel);
            if (parse.GetValue(json)) context.Terminal.Output.WriteLine(JsonSerializer.Serialize(sinks, ControlJson.Options));
            else Write(context.Terminal, sinks, parse.GetValue(plain));
            return sinks.TrueForAll(s => s.Phase is SinkPhase.Running or SinkPhase.Starting) ? ExitCode.Ok : ExitCode.Found;
        });
        return command;
    }

    private static Command Resume(CommandContext context)
    {
        var name = new Argument<string>("name") { HelpName = "NAME", Description = "The sink's name." };
        var accept = new Option<bool>("--accept-refusals")
        {
            Description = "Let what the target refuses become dead letters, however much it is, for as long as the sink's refusals.window says.",
        };
        var command = new Command("resume", "Try a sink that waits at once: the cause is gone.") { name, accept };
        context.Examples[command] =
        [
            ("ogrt-server sinks resume prod-es", "After the index was made writable again."),
            ("ogrt-server sinks resume prod-es --accept-refusals", "The records are wrong indeed, and the target is right."),
        ];
        command.SetAction(async (parse, cancel) =>
        {
            RuntimeSettings settings = context.LoadSettings(parse);
            using ControlConnection connection = Connect(settings.Server);
            string path = $"sinks/{Uri.EscapeDataString(parse.GetRequiredValue(name))}/resume?accept-refusals={(parse.GetValue(accept) ? "yes" : "no")}";
            using HttpResponseMessage answer = await connection.SendAsync(HttpMethod.Post, path, cancel);
            if (!answer.IsSuccessStatusCode) throw await ControlConnection.RefusalAsync(answer, cancel);
            context.Terminal.Error.WriteLine("The sink tries its target now; 'ogrt-server sinks' shows what comes of it.");
            return ExitCode.Ok;
        });
        return command;
    }

    internal static ControlConnection Connect(ServerSettings settings) => ControlConnection.Open(settings)
        ?? throw new CliException(ExitCode.Unavailable, "No server runs with this configuration", $"There is no control socket {settings.ControlPath}.");

    private static async Task<List<SinkView>> FetchAsync(ServerSettings settings, CancellationToken cancel)
    {
        using ControlConnection connection = Connect(settings);
        using HttpResponseMessage answer = await connection.SendAsync(HttpMethod.Get, "sinks", cancel);
        if (!answer.IsSuccessStatusCode) throw await ControlConnection.RefusalAsync(answer, cancel);
        return await answer.Content.ReadFromJsonAsync<List<SinkView>>(ControlJson.Options, cancel) ?? [];
    }

    private static void Write(Terminal terminal, List<SinkView> sinks, bool plain)
    {
        if (sinks.Count == 0)
        {
            terminal.Error.WriteLine("The server has no sink: records stay in its journal. See 'sinks' in ogrt.hocon.");
            return;
        }
        var table = new TextTable(
            new TextTable.Column("SINK"), new TextTable.Column("TYPE"), new TextTable.Column("STATE"), new TextTable.Column("BEHIND", true),
            new TextTable.Column("AGE", true), new TextTable.Column("DELIVERED", true), new TextTable.Column("DUPLICATE", true),
            new TextTable.Column("DROPPED", true), new TextTable.Column("DEAD LETTERS", true), new TextTable.Column("CAUSE"));
        foreach (SinkView sink in sinks)
        {
            table.Add(
                SafeText.Of(sink.Name), SafeText.Of(sink.Type), JsonNamingPolicy.KebabCaseLower.ConvertName(sink.Phase.ToString()), Number(sink.LagRecords),
                sink.LagRecords == 0 ? "-" : Durations.Elapsed(TimeSpan.FromSeconds(sink.LagSeconds)), Number(sink.Delivered), Number(sink.Duplicate),
                Number(sink.Dropped), Number(sink.DeadLetters), sink.Reason is null ? "" : SafeText.Of($"{sink.Reason}: {sink.Detail}"));
        }
        if (plain) table.WriteTabs(terminal.Output);
        else table.Write(terminal);
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
