using System.CommandLine;
using Ogrt.Server.Configuration;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server check</c>: what is wrong with the configuration, and what it comes to.</summary>
internal static class CheckCommand
{
    public static Command Create(CommandContext context)
    {
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print problems only, not the effective configuration." };
        var noMachine = new Option<bool>("--no-environment") { Description = "Look at the configuration alone: not at directories, ports and kernel limits." };
        var denyWarnings = new Option<bool>("--deny-warnings") { Description = "Treat warnings as errors." };
        var changed = new Option<bool>("--changed") { Description = "Print only the keys that differ from the defaults." };
        var command = new Command("check", "Look the configuration through and print what it comes to, with the place of every value.")
        {
            quiet, noMachine, denyWarnings, changed,
        };
        context.Examples[command] =
        [
            ("ogrt-server check --config /etc/ogrt/ogrt.hocon", "Before a start or a restart."),
            ("ogrt-server check --changed", "What differs from the defaults, and where that is written."),
            ("ogrt-server check --quiet --no-environment", "For ExecStartPre of a service, or in a pipeline."),
        ];
        command.SetAction(parse =>
        {
            LoadedConfig config = ConfigLoader.Load(context.Sources(parse));
            var problems = config.Problems.ToList();
            RuntimeSettings? settings = config.IsUsable ? RuntimeSettings.Create(config, problems) : null;
            if (settings is not null && !parse.GetValue(noMachine))
                problems.AddRange(new ConfigEnvironment(config, settings).Look(Hosting.ControlSocket.IsAlive(settings.Server.ControlPath)));
            bool strict = parse.GetValue(denyWarnings);
            foreach (ConfigProblem problem in problems)
                context.Terminal.Error.WriteLine(SafeText.Of($"{(problem.IsWarning && !strict ? "warning" : "error")}: {problem}"));
            if (settings is not null && !parse.GetValue(quiet))
                foreach (string note in ClusterAdvice.Notes(settings.Node))
                    context.Terminal.Error.WriteLine(SafeText.Of($"note: {note}"));
            if (!parse.GetValue(quiet)) WriteEffective(context.Terminal, config, parse.GetValue(changed));
            bool sound = problems.All(p => p.IsWarning && !strict);
            if (sound && !parse.GetValue(quiet)) context.Terminal.Error.WriteLine("The configuration is sound.");
            return sound ? ExitCode.Ok : ExitCode.Configuration;
        });
        return command;
    }

    private static void WriteEffective(Terminal terminal, LoadedConfig config, bool changedOnly)
    {
        if (config.Values.IsEmpty) return;
        foreach (ConfigEntry entry in config.Entries)
        {
            if (changedOnly && entry.Origin.Kind == ConfigOriginKind.Default) continue;
            string value = SafeText.Of(config.Text(entry.Path));
            bool bare = entry.Value.Items is not null || ConfigTypes.Of(ConfigValue.OfText(value)) is not ConfigKeyType.Text;
            string comment = terminal.Paint(2, SafeText.Of($"# {entry.Origin}"));
            terminal.Output.WriteLine($"{entry.Path} = {(bare ? value : $"\"{value}\"")}  {comment}");
        }
    }
}
