using System.CommandLine;
using Ogrt.Server.Cli.Watch;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server metrics</c>: every number of the running server with its rate, and what its actors are doing.</summary>
internal static class MetricsCommand
{
    public static Command Create(CommandContext context)
    {
        var pattern = new Argument<string?>("pattern")
        {
            HelpName = "PATTERN",
            Description = "Show only metrics that match: a glob such as '*_lag_*', or a part of name{label=\"value\"}.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on, and show what has changed since the last look." };
        var buckets = new Option<bool>("--buckets") { Description = "Show the buckets of histograms too." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a look, each on a line." };
        var plain = new Option<bool>("--plain") { Description = "Separate columns by tabs." };
        Option<double> delay = WatchOptions.Delay(1);
        Option<int> count = WatchOptions.Count();
        var command = new Command("metrics", "Show the metrics of the running server: name, labels, value and rate a second; and its actors by kind.")
        {
            pattern, follow, delay, count, buckets, json, plain,
        };
        context.Examples[command] =
        [
            ("ogrt-server metrics sink", "What the sinks count."),
            ("ogrt-server metrics --follow 'ogrt_ingest_*'", "What arrives, second by second."),
            ("ogrt-server metrics -f --json | jq .actors", "The actors, for a program."),
        ];
        command.SetAction(async (parse, cancel) =>
        {
            using var watch = new ServerWatch(context.LoadSettings(parse).Server);
            var look = new MetricLooks(
                watch, context.Terminal, parse.GetValue(pattern) is { } text ? new NamePattern(text) : null, parse.GetValue(buckets),
                parse.GetValue(json), parse.GetValue(plain));
            return await look.RunAsync(parse.GetValue(follow), TimeSpan.FromSeconds(parse.GetValue(delay)), parse.GetValue(count), cancel);
        });
        return command;
    }
}
