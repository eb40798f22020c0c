using System.CommandLine;
using Ogrt.Server.Cli.Top;
using Ogrt.Server.Cli.Watch;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server top</c>: the running server, again and again.</summary>
internal static class TopCommand
{
    private const double DefaultDelay = 2;

    public static Command Create(CommandContext context)
    {
        var screen = new Argument<string?>("screen")
        {
            HelpName = "SCREEN",
            Description = "The screen to begin with: pipeline, jobs, nodes, sinks or cluster.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        screen.AcceptOnlyFromAmong([.. Enum.GetNames<TopScreen>().Select(name => name.ToLowerInvariant())]);
        var once = new Option<bool>("--once") { Description = "Look once (twice, for the rates), print a page and end." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a look, each on a line." };
        var filter = new Option<string?>("--filter") { Description = "Show only rows that contain a text.", HelpName = "TEXT" };
        Option<double> delay = WatchOptions.Delay(DefaultDelay);
        Option<int> count = WatchOptions.Count();
        var command = new Command(
            "top", "Show what the running server is doing: the pipeline with its queues and who is blocked by whom, jobs, compute nodes, sinks and the cluster. Without a terminal it prints lines.")
        {
            screen, once, count, delay, filter, json,
        };
        context.Examples[command] =
        [
            ("ogrt-server top", "The screens; ? shows the keys."),
            ("ogrt-server top --once jobs", "The busiest jobs, for a mail."),
            ("ogrt-server top -n 60 -d 1 --json > minute.ndjson", "A minute of everything, for a program."),
            ("ogrt-server top nodes --filter silent -n 1 | cat", "Who has fallen silent."),
        ];
        command.SetAction(async (parse, cancel) =>
        {
            Terminal terminal = context.Terminal;
            using var watch = new ServerWatch(context.LoadSettings(parse).Server);
            var state = new TopState();
            if (parse.GetValue(screen) is { } name) state.Screen = Enum.Parse<TopScreen>(name, ignoreCase: true);
            state.Current.Filter = parse.GetValue(filter) ?? "";
            TimeSpan pause = TimeSpan.FromSeconds(parse.GetValue(delay));
            if (parse.GetValue(once))
            {
                // Nobody waits longer than needed for one page.
                TimeSpan shortest = parse.GetResult(delay) is { Implicit: false } ? pause : TimeSpan.FromSeconds(1);
                return await new TopLines(watch, terminal, state, shortest).RunAsync(1, parse.GetValue(json), page: !parse.GetValue(json), cancel);
            }
            if (parse.GetValue(json) || !terminal.IsInteractive || !RawTerminal.IsUsable)
                return await new TopLines(watch, terminal, state, pause).RunAsync(parse.GetValue(count), parse.GetValue(json), page: false, cancel);
            return await new TopProgram(watch, terminal, state, pause, parse.GetValue(count)).RunAsync(cancel);
        });
        return command;
    }
}
