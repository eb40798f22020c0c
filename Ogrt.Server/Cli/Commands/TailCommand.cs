using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Ogrt.Server.Configuration;
using Ogrt.Server.Hosting;
using Ogrt.Server.Tail;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server tail</c>: records as they arrive.</summary>
internal static class TailCommand
{
    public static Command Create(CommandContext context)
    {
        Option<string?> job = Filter("--job", "JOB", "Only this job: a glob, or a part of its id."), user = Filter("--user", "USER", "Only this user."),
            host = Filter("--host", "HOST", "Only this compute node."), exe = Filter("--exe", "PATH", "Only programs whose path matches: a glob such as '*/gcc', or a part of it."),
            under = Filter("--under", "PID", "Only this process and its descendants, as far as they are seen from now on; with --host, those of one node."),
            exit = Filter("--exit", "HOW", "Only ends: nonzero (signals too), zero, signal, any, or an exit code.");
        exit.CompletionSources.Add(_ => TailFilter.ExitWords.Select(word => new System.CommandLine.Completions.CompletionItem(word)));
        var rate = new Option<int>("--rate") { Description = $"Records a second that are shown at most, 1 to {TailStream.MostRate}.", HelpName = "N", DefaultValueFactory = _ => TailStream.DefaultRate };
        rate.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out int value) || value is < 1 or > TailStream.MostRate))
                result.AddError($"--rate takes 1 to {TailStream.MostRate}, not '{result.Tokens[0].Value}'.");
        });
        var count = new Option<int>("--count", "-n") { Description = "End after so many records; 0 goes on until stopped.", HelpName = "COUNT" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a record, each on a line." };
        var command = new Command("tail", "Show records as they arrive at the running server. What is too much is not shown but counted.")
        {
            job, user, host, exe, under, exit, rate, count, json,
        };
        context.Examples[command] =
        [
            ("ogrt-server tail --job 4711", "What a job starts and ends."),
            ("ogrt-server tail --exit nonzero --user alice", "What fails for a user."),
            ("ogrt-server tail --host n001 --under 31337", "Everything below a process."),
            ("ogrt-server tail --exe '*/python3*' --json | jq -r .command", "Command lines of a program."),
        ];
        command.SetAction(async (parse, cancel) =>
        {
            string?[] values = [.. new[] { job, user, host, exe, under, exit }.Select(parse.GetValue)];
            string[] names = ["job", "user", "host", "exe", "under", "exit"];
            if (TailFilter.Parse(name => values[Array.IndexOf(names, name)], out string? wrong) is null) throw new CliException(ExitCode.Usage, wrong!);
            string query = string.Join('&', names.Zip(values).Where(v => !string.IsNullOrEmpty(v.Second)).Select(v => $"{v.First}={Uri.EscapeDataString(v.Second!)}"));
            ServerSettings settings = context.LoadSettings(parse).Server;
            using ControlConnection connection = SinksCommand.Connect(settings);
            using HttpResponseMessage answer = await connection.SendAsync(
                HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"tail?rate={parse.GetValue(rate)}&{query}"), cancel);
            if (!answer.IsSuccessStatusCode) throw await ControlConnection.RefusalAsync(answer, cancel);
            context.Say(parse, "Following what arrives at the server.");
            await using Stream stream = await answer.Content.ReadAsStreamAsync(cancel);
            return await PrintAsync(context.Terminal, stream, parse.GetValue(rate), parse.GetValue(count), parse.GetValue(json), cancel);
        });
        return command;
    }

    /// <summary>Prints the lines of an answer.</summary>
    internal static async Task<int> PrintAsync(Terminal terminal, Stream stream, int rate, int count, bool json, CancellationToken cancel)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        int shown = 0;
        try
        {
            while (await reader.ReadLineAsync(cancel) is { } text)
            {
                TailLine line = JsonSerializer.Deserialize<TailLine>(text, ControlJson.Options) ?? throw new JsonException("An empty line.");
                if (line.Notice is { } notice)
                {
                    await terminal.Output.FlushAsync(cancel);
                    terminal.Error.WriteLine(Words(notice, rate));
                    continue;
                }
                if (line.Record is not { } record) continue;
                // Serialized here, everything outside of ASCII is an escape, whatever the server sent.
                terminal.Output.WriteLine(json ? JsonSerializer.Serialize(record, ControlJson.Options) : Row(terminal, record));
                // At once: somebody may read it through a pipe.
                await terminal.Output.FlushAsync(cancel);
                if (++shown == count) return ExitCode.Ok;
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new CliException(ExitCode.Unavailable, "The server broke its answer off", "It was stopped, or this was not read fast enough.", e);
        }
        catch (JsonException e)
        {
            throw new CliException(ExitCode.Unavailable, "The server's answer cannot be read", "Is it of another version than this program?", e);
        }
        throw new CliException(ExitCode.Unavailable, "The server has ended its answer", "It is stopping.");
    }

    private static string Words(TailNotice notice, int rate)
    {
        var text = new StringBuilder("…");
        if (notice.NotShown > 0) text.Append(CultureInfo.InvariantCulture, $" {notice.NotShown} more not shown (--rate {rate})");
        if (notice.Skipped > 0) text.Append(CultureInfo.InvariantCulture, $"{(notice.NotShown > 0 ? ";" : "")} {notice.Skipped} not looked at: too many arrive");
        return text.ToString();
    }

    private static string Row(Terminal terminal, TailRecord record)
    {
        string time = record.Time.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        string where = $"{time} {Word(record.Host)} {Word(record.Job)} {Word(record.User)}";
        string row = record.Kind switch
        {
            "start" => string.Create(CultureInfo.InvariantCulture, $"{where} {record.Pid}{(record.ParentPid is { } parent ? $"<{parent}" : "")} {SafeText.Of(record.Exe)}  {SafeText.Of(record.Command)}"),
            "end" => string.Create(CultureInfo.InvariantCulture, $"{where} {record.Pid} {(record.Exe.Length > 0 ? SafeText.Of(record.Exe) : "?")}  ended: {How(record)}"),
            _ => $"{where} {record.Kind.Replace('-', ' ')}",
        };
        row = SafeText.Cut(row.TrimEnd(), terminal.Width, terminal.Unicode ? "…" : "+");
        bool failed = record.Kind == "end" && (record.ExitSignal is not null || record.ExitCode is not (0 or null));
        return failed ? terminal.Paint(31, row) : row;
    }

    private static string How(TailRecord record) => record switch
    {
        { ExitSignal: { } signal } => "killed by " + Signals.Name(signal),
        { ExitCode: { } code } => string.Create(CultureInfo.InvariantCulture, $"exit {code}"),
        _ => "unknown",
    };

    private static string Word(string text) => text.Length == 0 ? "-" : SafeText.Of(text).Replace(" ", "\\x20", StringComparison.Ordinal);

    private static Option<string?> Filter(string name, string value, string description) => new(name) { Description = description, HelpName = value };
}
