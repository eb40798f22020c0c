using System.CommandLine;
using System.Globalization;
using Ogrt.Server.Configuration;
using Ogrt.Sinks.Local;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server tree JOB</c>: the process tree of a job.</summary>
internal static class TreeCommand
{
    public static Command Create(CommandContext context)
    {
        var job = new Argument<string>("job") { HelpName = "JOB", Description = "The job's id." };
        var expand = new Option<bool>("--expand", "-e") { Description = "A row for each process, with its pid and command line." };
        var arguments = new Option<bool>("--arguments", "-a") { Description = "Command lines (of the first process of a row) instead of program names." };
        var noCut = new Option<bool>("--no-cut") { Description = "Do not cut rows to the terminal's width." };
        var ascii = new Option<bool>("--ascii", "-A") { Description = "Draw with ASCII characters only." };
        var json = new Option<bool>("--json") { Description = "Print the job with its tree as one JSON document." };
        var command = new Command(
            "tree",
            "Draw the process tree of a job. 37*[gcc] is 37 processes of one place in the tree; counts below it are sums too. a => b is one process that ran a and then became b.")
        {
            job, expand, arguments, noCut, ascii, json,
        };
        context.Examples[command] =
        [
            ("ogrt-server tree 4711", "What job 4711 runs or has run."),
            ("ogrt-server tree 4711 --expand | less -S", "Every process of it."),
            ("ogrt-server tree 4711 --json | jq '.nodes[].images[].path'", "The programs at its root."),
        ];
        command.SetAction(async (parse, cancel) =>
        {
            string jobId = parse.GetRequiredValue(job);
            RuntimeSettings settings = context.LoadSettings(parse);
            JobRecord record = await new JobLookup(context, parse, settings).FindAsync(jobId, cancel);
            bool all = parse.GetValue(expand);
            if (all) record = Expanded(context, parse, settings, jobId, record);
            if (parse.GetValue(json))
            {
                TreeJson.Write(context.Terminal.Output, record);
                return ExitCode.Ok;
            }
            Terminal terminal = parse.GetValue(ascii) ? context.Terminal with { Unicode = false } : context.Terminal;
            new TreeText(terminal, new TreeOptions(all, parse.GetValue(arguments), !parse.GetValue(noCut))).Write(record);
            return ExitCode.Ok;
        });
        return command;
    }

    // Without a store, or before the processes are in it, each node of the record is a row.
    private static JobRecord Expanded(CommandContext context, ParseResult parse, RuntimeSettings settings, string jobId, JobRecord record)
    {
        if (settings.StorePath is not { } path || !File.Exists(path)) return record;
        using LocalStore store = StoreReader.Open(settings);
        JobRecord? expanded = StoreReader.Reading(path, () => ExpandedTree.Build(record, store.GetFrames(jobId)));
        if (expanded is null)
            context.Terminal.Error.WriteLine($"The job has more than {ExpandedTree.MaxProcesses} processes: alike ones stay together.");
        else if (expanded.Nodes.Count > 0)
            context.Say(parse, $"Each process from the store {path}.");
        if (expanded is { Nodes.Count: > 0 } && (ulong)expanded.Nodes.Count < record.ProcessCount)
        {
            context.Terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"The store has {expanded.Nodes.Count} of the job's {record.ProcessCount} processes; the others came to other nodes of the cluster, are on their way, or have been deleted."));
        }
        return expanded is { Nodes.Count: > 0 } ? expanded : record;
    }
}
