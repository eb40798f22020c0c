using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Ogrt.Journal;
using Ogrt.Server.Configuration;
using Ogrt.Sinks;
using Ogrt.Sinks.DeadLetters;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server deadletters</c>: what targets have refused; list, show, retry and drop.</summary>
internal static class DeadLettersCommand
{
    private const int UsualLimit = 100;

    public static Command Create(CommandContext context)
    {
        var command = new Command("deadletters", "Look at the records that targets have refused, send them again, or let them go.");
        command.Subcommands.Add(List(context));
        command.Subcommands.Add(Show(context));
        command.Subcommands.Add(Retry(context));
        command.Subcommands.Add(Drop(context));
        context.Examples[command] =
        [
            ("ogrt-server deadletters list", "How many there are, by sink and reason."),
            ("ogrt-server deadletters list prod-es", "Each of a sink."),
            ("ogrt-server deadletters show prod-es 17", "One, with the target's words and the whole record."),
            ("ogrt-server deadletters retry prod-es --all", "After the mapping has been mended."),
        ];
        return command;
    }

    private static Command List(CommandContext context)
    {
        var sink = new Argument<string?>("sink") { HelpName = "SINK", Description = "A sink: each of its dead letters. Without it: a row for each sink and reason.", Arity = ArgumentArity.ZeroOrOne };
        var select = new LetterOptions(context);
        var limit = new Option<int>("--limit", "-n") { HelpName = "COUNT", Description = $"At most so many, the oldest first; 0 for all. {UsualLimit} without it.", DefaultValueFactory = _ => UsualLimit };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a line." };
        var command = new Command("list", "List dead letters; the server may run or not.") { sink, limit, json };
        select.AddTo(command);
        context.Examples[command] = [("ogrt-server deadletters list prod-es --reason mapper_parsing_exception", "Those of one reason.")];
        command.SetAction(parse =>
        {
            RuntimeSettings settings = context.LoadSettings(parse);
            LetterSelection selection = select.Read(parse);
            if (parse.GetValue(sink) is not { } name) return Summarize(context.Terminal, settings, selection, parse.GetValue(json));
            int most = parse.GetValue(limit) is var n and > 0 ? n : int.MaxValue;
            var text = new DeadLetterText(context.Terminal);
            int shown = 0;
            bool more = false;
            text.Begin(parse.GetValue(json));
            foreach (KeptLetter letter in LettersOf(settings, name).Where(selection.Includes))
            {
                more = shown == most;
                if (more) break;
                text.Add(letter);
                shown++;
            }
            text.End();
            if (more) context.Terminal.Error.WriteLine($"Only the oldest {most} are shown; --limit 0 shows all.");
            if (shown == 0) context.Terminal.Error.WriteLine("No dead letter matches.");
            return shown > 0 ? ExitCode.Ok : ExitCode.Found;
        });
        return command;
    }

    private static Command Show(CommandContext context)
    {
        var sink = new Argument<string>("sink") { HelpName = "SINK", Description = "The sink's name." };
        var number = new Argument<long>("number") { HelpName = "NUMBER", Description = "The dead letter's number, from 'deadletters list'." };
        var raw = new Option<bool>("--raw") { Description = "Write the original bytes as they are, for another program; never to a terminal." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("show", "Show one dead letter whole.") { sink, number, raw, json };
        context.Examples[command] = [("ogrt-server deadletters show prod-es 17 --raw > frame.bin", "The frame as it was received.")];
        command.SetAction(parse =>
        {
            RuntimeSettings settings = context.LoadSettings(parse);
            string name = parse.GetRequiredValue(sink);
            long wanted = parse.GetRequiredValue(number);
            KeptLetter letter = LettersOf(settings, name).FirstOrDefault(l => l.Number == wanted)
                ?? throw new CliException(ExitCode.NoInput, $"Sink {name} has no dead letter {wanted}", $"ogrt-server deadletters list {name} lists them; those that were delivered or dropped are gone.");
            if (parse.GetValue(raw))
            {
                if (context.Terminal.IsInteractive) throw new CliException(ExitCode.Usage, "Frames are not for a terminal", "Send them into a file or a pipe.");
                using Stream output = Console.OpenStandardOutput();
                output.Write(letter.Letter.Original.Span);
            }
            else
            {
                new DeadLetterText(context.Terminal).Show(letter, parse.GetValue(json));
            }
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Retry(CommandContext context)
    {
        var sink = new Argument<string>("sink") { HelpName = "SINK", Description = "The sink's name." };
        var select = new LetterOptions(context, forChange: true);
        var command = new Command("retry", "Send dead letters to their target once more; the server must run. Those that it takes are gone, those that it refuses stay.") { sink };
        select.AddTo(command);
        context.Examples[command] =
        [
            ("ogrt-server deadletters retry prod-es --all", "All of a sink."),
            ("ogrt-server deadletters retry prod-es --numbers 3,7-12", "Some of them."),
        ];
        command.SetAction(async (parse, cancel) =>
        {
            LetterSelection selection = select.ReadForChange(parse);
            RuntimeSettings settings = context.LoadSettings(parse);
            string name = KnownName(settings, parse.GetRequiredValue(sink));
            if (ControlConnection.Open(settings.Server) is not { } connection)
                throw new CliException(ExitCode.Unavailable, "No server runs with this configuration", "The running server sends dead letters again: start it first.");
            using (connection)
            {
                using HttpResponseMessage answer = await connection.SendAsync(HttpMethod.Post, LetterOptions.Path(name, "retry", selection), cancel);
                if (!answer.IsSuccessStatusCode) throw await ControlConnection.RefusalAsync(answer, cancel);
                return await FollowAsync(context.Terminal, answer, cancel);
            }
        });
        return command;
    }

    private static Command Drop(CommandContext context)
    {
        var sink = new Argument<string>("sink") { HelpName = "SINK", Description = "The sink's name." };
        var select = new LetterOptions(context, forChange: true);
        var command = new Command("drop", "Let dead letters go for good; the server may run or not.") { sink };
        select.AddTo(command);
        context.Examples[command] = [("ogrt-server deadletters drop prod-es --refused-before 2026-01-01", "Old ones.")];
        command.SetAction(async (parse, cancel) =>
        {
            LetterSelection selection = select.ReadForChange(parse);
            RuntimeSettings settings = context.LoadSettings(parse);
            string name = KnownName(settings, parse.GetRequiredValue(sink));
            long count = Hosting.ControlSocket.IsAlive(settings.Server.ControlPath)
                ? await DropByServerAsync(settings.Server, name, selection, cancel)
                : DropHere(settings, name, selection);
            context.Terminal.Error.WriteLine(FormattableString.Invariant($"{count} dead letters are dropped."));
            return count > 0 ? ExitCode.Ok : ExitCode.Found;
        });
        return command;
    }

    private static async Task<long> DropByServerAsync(ServerSettings server, string name, LetterSelection selection, CancellationToken cancel)
    {
        using ControlConnection connection = SinksCommand.Connect(server);
        using HttpResponseMessage answer = await connection.SendAsync(HttpMethod.Post, LetterOptions.Path(name, "drop", selection), cancel);
        if (!answer.IsSuccessStatusCode) throw await ControlConnection.RefusalAsync(answer, cancel);
        return long.Parse((await answer.Content.ReadAsStringAsync(cancel)).Trim(), CultureInfo.InvariantCulture);
    }

    private static long DropHere(RuntimeSettings settings, string name, LetterSelection selection)
    {
        SinkSettings sink = settings.Sinks.Single(s => s.Name == name);
        using var store = new DeadLetterStore(DirectoryOf(settings, sink), sink.DeadLetterMaxSize, JournalOptions.DefaultMaxRecordSize);
        try
        {
            List<long> numbers = [.. store.Read().Where(selection.Includes).Select(l => l.Number)];
            store.Settle(numbers);
            return numbers.Count;
        }
        catch (JournalLockedException e)
        {
            throw new CliException(ExitCode.Unavailable, $"The dead letters in {store.Directory} are open", "A server with another control socket uses them.", e);
        }
    }

    private static async Task<int> FollowAsync(Terminal terminal, HttpResponseMessage answer, CancellationToken cancel)
    {
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancel));
        while (await lines.ReadLineAsync(cancel) is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            if (root.TryGetProperty("error", out JsonElement error)) throw new CliException(ExitCode.TryLater, error.GetString() ?? "The retry failed");
            long sent = root.GetProperty("sent").GetInt64(), delivered = root.GetProperty("delivered").GetInt64(), refused = root.GetProperty("refused").GetInt64();
            bool done = root.TryGetProperty("done", out _);
            string text = FormattableString.Invariant($"{sent} sent again: {delivered} delivered, {refused} refused again");
            if (done || terminal.IsInteractive) terminal.Error.WriteLine(done ? text + "." : text + " …");
            if (done) return sent == 0 || refused > 0 ? ExitCode.Found : ExitCode.Ok;
        }
        throw new CliException(ExitCode.TryLater, "The server broke off", "What has been delivered by then is settled; run the command again for the rest.");
    }

    private static int Summarize(Terminal terminal, RuntimeSettings settings, LetterSelection selection, bool json)
    {
        var rows = settings.Sinks
            .SelectMany(s => DeadLetterFiles.Read(DirectoryOf(settings, s)).Where(selection.Includes).Select(l => (Sink: s.Name, l.Letter)))
            .GroupBy(l => (l.Sink, l.Letter.Reason, l.Letter.Status))
            .Select(g => (g.Key.Sink, g.Key.Reason, g.Key.Status, Count: g.LongCount(), First: g.Min(l => l.Letter.RefusedUnixNs), Last: g.Max(l => l.Letter.RefusedUnixNs), Bytes: g.Sum(l => (long)l.Letter.Original.Length)))
            .OrderBy(r => r.Sink, StringComparer.Ordinal).ThenByDescending(r => r.Count)
            .ToList();
        if (rows.Count == 0)
        {
            terminal.Error.WriteLine("There are no dead letters.");
            return ExitCode.Found;
        }
        if (json)
        {
            foreach (var row in rows)
            {
                terminal.Output.WriteLine(JsonSerializer.Serialize(new
                {
                    sink = row.Sink, reason = row.Reason, status = row.Status, count = row.Count, bytes = row.Bytes,
                    first = Durations.Utc(Durations.FromUnixNanoseconds(row.First)), last = Durations.Utc(Durations.FromUnixNanoseconds(row.Last)),
                }));
            }
            return ExitCode.Ok;
        }
        var table = new TextTable(
            new TextTable.Column("SINK"), new TextTable.Column("COUNT", true), new TextTable.Column("BYTES", true), new TextTable.Column("FIRST"),
            new TextTable.Column("LAST"), new TextTable.Column("STATUS", true), new TextTable.Column("REASON"));
        foreach (var row in rows)
        {
            table.Add(
                SafeText.Of(row.Sink), row.Count.ToString(CultureInfo.InvariantCulture), row.Bytes.ToString(CultureInfo.InvariantCulture),
                Durations.Local(Durations.FromUnixNanoseconds(row.First)), Durations.Local(Durations.FromUnixNanoseconds(row.Last)),
                row.Status == 0 ? "-" : row.Status.ToString(CultureInfo.InvariantCulture), SafeText.Of(row.Reason));
        }
        table.Write(terminal);
        return ExitCode.Ok;
    }

    private static IEnumerable<KeptLetter> LettersOf(RuntimeSettings settings, string name)
    {
        string known = KnownName(settings, name);
        return DeadLetterFiles.Read(DirectoryOf(settings, settings.Sinks.Single(s => s.Name == known)));
    }

    private static string KnownName(RuntimeSettings settings, string name) => settings.Sinks.Any(s => s.Name == name)
        ? name
        : throw new CliException(ExitCode.NoInput, $"The configuration has no sink '{name}'",
            $"It has: {string.Join(", ", settings.Sinks.Select(s => s.Name))}.{Suggestion.Clause(name, settings.Sinks.Select(s => s.Name))}");

    private static string DirectoryOf(RuntimeSettings settings, SinkSettings sink) => Path.Combine(settings.Server.DataDirectory, sink.DeadLetterDirectory);
}
