using System.CommandLine;
using System.Text.Json;
using Akka.Event;
using Ogrt.Server.Configuration;
using Ogrt.Sinks;
using Ogrt.Sinks.Elasticsearch;
using Ogrt.Sinks.Elasticsearch.Setup;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server setup elasticsearch</c>: prepares the target of a sink, after it has shown what it would do.</summary>
internal static class SetupCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create(CommandContext context)
    {
        var command = new Command("setup", "Prepare the target of a sink: what it needs there beside the records.");
        command.Subcommands.Add(Elasticsearch(context));
        context.Examples[command] = [("ogrt-server setup elasticsearch", "What Elasticsearch or OpenSearch lacks.")];
        return command;
    }

    private static Command Elasticsearch(CommandContext context)
    {
        var sinkName = new Option<string?>("--sink", "-s") { HelpName = "NAME", Description = "The sink whose target it is. Without it, the one of type elasticsearch." };
        var apply = new Option<bool>("--apply") { Description = "Do it. Without this, only show what is to be done." };
        var show = new Option<bool>("--show") { Description = "Print the JSON of each template and policy as well." };
        var shards = new Option<int>("--shards") { HelpName = "COUNT", Description = "Primary shards of an index (1).", DefaultValueFactory = _ => 1 };
        var replicas = new Option<int>("--replicas") { HelpName = "COUNT", Description = "Copies of each shard (1; 0 for a single node).", DefaultValueFactory = _ => 1 };
        var keep = new Option<int>("--keep-days") { HelpName = "DAYS", Description = "Delete indices of processes after so many days (400); 0 keeps them.", DefaultValueFactory = _ => 400 };
        var dashboards = new Option<string?>("--dashboards") { HelpName = "DIR", Description = "Write the dashboards into this folder, for the import of saved objects of Kibana or OpenSearch Dashboards. The server is not asked." };
        var command = new Command(
            "elasticsearch", "Install index templates and a policy for old indices in Elasticsearch or OpenSearch. Shows what differs first and changes nothing without --apply; what is as it should be stays untouched.")
        {
            sinkName, apply, show, shards, replicas, keep, dashboards,
        };
        context.Examples[command] =
        [
            ("ogrt-server setup elasticsearch", "What is missing at the target of the sink."),
            ("ogrt-server setup elasticsearch --sink prod-es --apply", "Install it."),
            ("ogrt-server setup elasticsearch --show", "The templates and policies themselves."),
            ("ogrt-server setup elasticsearch --dashboards .", "Write ogrt-dashboards.ndjson here."),
        ];
        command.SetAction(async (parse, cancel) =>
        {
            RuntimeSettings settings = context.LoadSettings(parse);
            SinkSettings sink = Sink(settings, parse.GetValue(sinkName));
            ElasticsearchSettings target = ElasticsearchSettings.Create(sink);
            if (parse.GetValue(dashboards) is { } folder)
                return Write(context.Terminal, folder, Dashboards.For(target));
            var options = new SetupOptions(parse.GetValue(shards), parse.GetValue(replicas), parse.GetValue(keep));
            if (options.Shards < 1 || options.Replicas < 0 || options.KeepDays < 0)
                throw new CliException(ExitCode.Usage, "--shards is at least 1, --replicas and --keep-days at least 0");
            var sinkContext = new SinkContext(settings.Server.Cluster, settings.Server.DataDirectory, NoLogger.Instance);
            using var setup = new ElasticsearchSetup(sink, sinkContext, options);
            try
            {
                return await RunAsync(context.Terminal, setup, parse.GetValue(apply), parse.GetValue(show), cancel).ConfigureAwait(false);
            }
            catch (SetupException e)
            {
                throw new CliException(ExitCode.Unavailable, e.Message, "Are the endpoints and the authentication of the sink right, and may this user manage templates?", e);
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, ElasticsearchSetup setup, bool apply, bool show, CancellationToken cancel)
    {
        ServerInfo server = await setup.IdentifyAsync(cancel).ConfigureAwait(false);
        terminal.Output.WriteLine(SafeText.Of(server.ToString()));
        IReadOnlyList<SetupStep> steps = await setup.PlanAsync(server, cancel).ConfigureAwait(false);
        foreach (SetupStep step in steps)
        {
            terminal.Output.WriteLine(SafeText.Of($"  {step.What}: {Words(step)}"));
            if (show) terminal.Output.WriteLine(step.Body.ToJsonString(Indented));
        }
        int left = steps.Count(s => s.IsToDo);
        if (left == 0)
        {
            terminal.Output.WriteLine("Nothing to do.");
            return ExitCode.Ok;
        }
        if (!apply)
        {
            terminal.Output.WriteLine($"{left} to do. Nothing was changed; --apply does it.");
            return ExitCode.Found;
        }
        foreach (SetupStep step in steps.Where(s => s.IsToDo))
        {
            await setup.ApplyAsync(step, cancel).ConfigureAwait(false);
            terminal.Output.WriteLine(SafeText.Of($"Installed: {step.What}"));
        }
        terminal.Output.WriteLine("Indices that are there keep the mapping they were made with; the next ones get this.");
        return ExitCode.Ok;
    }

    private static string Words(SetupStep step) => step.State switch
    {
        SetupState.Same => "as it should be",
        SetupState.Missing => "missing",
        SetupState.Differs => $"differs ({step.Detail})",
        _ => $"left out: {step.Detail}",
    };

    private static SinkSettings Sink(RuntimeSettings settings, string? name)
    {
        List<SinkSettings> fitting = settings.Sinks.Where(s => s.Type == ElasticsearchSinkFactory.TypeName).ToList();
        if (name is not null)
        {
            return fitting.FirstOrDefault(s => s.Name == name) ?? throw new CliException(
                ExitCode.Configuration, $"There is no sink '{name}' of type {ElasticsearchSinkFactory.TypeName}",
                $"There are: {string.Join(", ", settings.Sinks.Select(s => $"{s.Name} ({s.Type})"))}.{Suggestion.Clause(name, fitting.Select(s => s.Name))}");
        }
        return fitting.Count switch
        {
            1 => fitting[0],
            0 => throw new CliException(ExitCode.Configuration, $"No sink has the type {ElasticsearchSinkFactory.TypeName}", "Add one under ogrt.sinks; docs/sinks-elasticsearch.md shows how."),
            _ => throw new CliException(ExitCode.Usage, $"Several sinks have the type {ElasticsearchSinkFactory.TypeName}", $"Choose one by --sink: {string.Join(", ", fitting.Select(s => s.Name))}."),
        };
    }

    private static int Write(Terminal terminal, string folder, string text)
    {
        string path = Path.Combine(folder, Dashboards.FileName);
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Io, $"{path} cannot be written: {e.Message}", "", e);
        }
        terminal.Output.WriteLine(SafeText.Of(path));
        return ExitCode.Ok;
    }
}
