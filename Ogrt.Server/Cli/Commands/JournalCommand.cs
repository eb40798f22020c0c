using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Ogrt.Journal;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server journal verify|dump</c>: looks at a journal's files, also while a server writes them.</summary>
internal static class JournalCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("journal", "Look at the journal's files, also while a server has them open; or forget a reader that will not come back.");
        command.Subcommands.Add(Verify(context));
        command.Subcommands.Add(Dump(context));
        command.Subcommands.Add(Forget(context));
        return command;
    }

    private static Option<string?> DirectoryOption() => new("--directory", "-d")
    {
        HelpName = "DIR",
        Description = "The journal's folder. Without it, ogrt.journal.directory of the configuration.",
    };

    private static Command Verify(CommandContext context)
    {
        Option<string?> directory = DirectoryOption();
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("verify", "Read every record and check it. Ends with 1 when something is damaged.") { directory, json };
        context.Examples[command] =
        [
            ("ogrt-server journal verify", "Check the journal of the configuration."),
            ("ogrt-server journal verify -d /backup/journal", "Check a copy."),
        ];
        command.SetAction((parse, cancel) =>
        {
            string path = Folder(context, parse, directory);
            JournalReport report;
            try
            {
                report = JournalInspector.Verify(path, null, cancel);
            }
            catch (DirectoryNotFoundException e)
            {
                throw NoFolder(path, e);
            }
            if (parse.GetValue(json)) WriteJson(context.Terminal.Output, report);
            else WriteText(context.Terminal, path, report);
            return Task.FromResult(report.IsGood ? ExitCode.Ok : ExitCode.Found);
        });
        return command;
    }

    private static Command Dump(CommandContext context)
    {
        Option<string?> directory = DirectoryOption();
        var from = new Option<long>("--from") { HelpName = "OFFSET", Description = "Begin at this offset instead of at the oldest record." };
        var limit = new Option<long>("--limit", "-n") { HelpName = "COUNT", Description = "Print at most so many records.", DefaultValueFactory = _ => long.MaxValue };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a line, with what a process sent." };
        var raw = new Option<bool>("--raw") { Description = "Write the payloads as they are, for another program; never to a terminal." };
        var command = new Command("dump", "Print the records of the journal, one a line.") { directory, from, limit, json, raw };
        context.Examples[command] =
        [
            ("ogrt-server journal dump --limit 10", "The oldest ten records."),
            ("ogrt-server journal dump --json | jq .job_id", "The job ids of all records."),
            ("ogrt-server journal dump --raw > frames.bin", "The frames as they were received."),
        ];
        command.SetAction((parse, cancel) =>
        {
            string path = Folder(context, parse, directory);
            if (parse.GetValue(raw) && context.Terminal.IsInteractive)
                throw new CliException(ExitCode.Usage, "Frames are not for a terminal", "Send them into a file or a pipe.");
            try
            {
                IEnumerable<JournalRecord> records = JournalInspector.Dump(path, parse.GetValue(from), parse.GetValue(limit));
                JournalDump.Write(context.Terminal, records, parse.GetValue(json), parse.GetValue(raw), cancel);
            }
            catch (DirectoryNotFoundException e)
            {
                throw NoFolder(path, e);
            }
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static Command Forget(CommandContext context)
    {
        Option<string?> directory = DirectoryOption();
        var reader = new Argument<string>("reader") { HelpName = "READER", Description = "The reader's name, as 'journal verify' shows it: sink-NAME for a sink." };
        var command = new Command(
            "forget", "Remove the cursor of a reader, so that it does not hold the journal back. What it had not read, it will not get. The server must be stopped.")
        {
            reader, directory,
        };
        context.Examples[command] = [("ogrt-server journal forget sink-archive", "After the sink has been taken out of the configuration.")];
        command.SetAction(parse =>
        {
            string path = Folder(context, parse, directory);
            string name = parse.GetRequiredValue(reader);
            if (!Directory.Exists(path)) throw NoFolder(path, new DirectoryNotFoundException(path));
            SegmentedJournal journal;
            try
            {
                journal = SegmentedJournal.Open(new JournalOptions { Directory = path });
            }
            catch (JournalLockedException e)
            {
                throw new CliException(ExitCode.Unavailable, $"The journal in {path} is open", "Stop the server first.", e);
            }
            using (journal)
            {
                if (journal.Cursors.FirstOrDefault(c => c.Name == name) is not { } cursor)
                {
                    throw new CliException(ExitCode.NoInput, $"The journal has no reader '{name}'",
                        $"It has: {string.Join(", ", journal.Cursors.Select(c => c.Name))}.{Configuration.Suggestion.Clause(name, journal.Cursors.Select(c => c.Name))}");
                }
                journal.RemoveReader(name);
                context.Terminal.Error.WriteLine(SafeText.Of($"The reader {name} is forgotten; it had {Text(cursor.LagRecords)} records to go."));
            }
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Folder(CommandContext context, ParseResult parse, Option<string?> option) => parse.GetValue(option)
        ?? context.LoadConfig(parse).Values.GetString("ogrt.journal.directory");

    private static CliException NoFolder(string path, Exception inner) => new(
        ExitCode.NoInput, $"There is no journal in {path}", "Give its folder by --directory, or the server's configuration by --config.", inner);

    private static void WriteText(Terminal terminal, string path, JournalReport report)
    {
        TextWriter output = terminal.Output;
        output.WriteLine($"Journal {report.Id?.ToString() ?? "(unknown id)"} in {SafeText.Of(path)}");
        var table = new TextTable(
            new("SEGMENT"), new("FIRST OFFSET", true), new("END OFFSET", true), new("RECORDS", true), new("BYTES", true), new("STATE"));
        foreach (SegmentReport segment in report.Segments)
        {
            table.Add(segment.Name, Text(segment.BaseOffset), Text(segment.EndOffset), Text(segment.Records), Text(segment.FileBytes), State(segment));
        }
        table.Write(terminal);
        foreach ((string name, long offset, long sequence) in report.Cursors)
            output.WriteLine($"Cursor {SafeText.Of(name)}: offset {Text(offset)}, record {Text(sequence)}");
        if (!report.CursorsAreGood) output.WriteLine("The cursors are missing or damaged: readers begin at the oldest record.");
        if (report.QuarantinedFiles > 0) output.WriteLine($"{report.QuarantinedFiles} files are in the quarantine.");
        output.WriteLine($"{Text(report.Records)} records in {Text(report.FileBytes)} bytes; {Text(report.LostRecords)} records are missing; " +
            (report.EndedCleanly ? "it was closed in an orderly way." : "it is open, or was not closed in an orderly way."));
        output.WriteLine(report.IsGood ? "Nothing is damaged." : "The journal is damaged; a server that opens it goes on with what is good.");
    }

    private static string State(SegmentReport segment)
    {
        if (segment.Error is { } error) return SafeText.Of(error);
        var parts = new List<string>();
        if (!segment.HeaderIsGood) parts.Add("header damaged");
        foreach (JournalDamage damage in segment.Damage)
            parts.Add($"{Text(damage.Bytes)} bytes damaged at {Text(damage.Offset)}, {Text(damage.Records)} records missing");
        if (segment.UnfinishedBytes > 0) parts.Add($"{Text(segment.UnfinishedBytes)} bytes of an unfinished append");
        return parts.Count == 0 ? "good" : string.Join("; ", parts);
    }

    private static void WriteJson(TextWriter output, JournalReport report) => output.WriteLine(JsonSerializer.Serialize(new
    {
        id = report.Id,
        good = report.IsGood,
        ended_cleanly = report.EndedCleanly,
        records = report.Records,
        file_bytes = report.FileBytes,
        lost_records = report.LostRecords,
        quarantined_files = report.QuarantinedFiles,
        cursors_good = report.CursorsAreGood,
        cursors = report.Cursors.Select(c => new { name = c.Name, offset = c.Offset, sequence = c.Sequence }),
        segments = report.Segments.Select(s => new
        {
            name = s.Name,
            base_offset = s.BaseOffset,
            end_offset = s.EndOffset,
            records = s.Records,
            payload_bytes = s.PayloadBytes,
            file_bytes = s.FileBytes,
            header_good = s.HeaderIsGood,
            unfinished_bytes = s.UnfinishedBytes,
            error = s.Error,
            damage = s.Damage.Select(d => new { offset = d.Offset, bytes = d.Bytes, records = d.Records }),
        }),
    }));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
