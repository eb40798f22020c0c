using System.CommandLine;
using System.Globalization;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server help TOPIC</c>: what belongs to no command alone.</summary>
internal static class HelpCommand
{
    private static readonly string[] Topics = ["exit-codes", "times", "variables"];

    public static Command Create(CommandContext context)
    {
        var topic = new Argument<string?>("topic")
        {
            HelpName = "TOPIC",
            Description = "exit-codes, times, variables, or the name of a command.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("help", "Show help on a command or a topic.") { topic };
        context.Examples[command] =
        [
            ("ogrt-server help exit-codes", "How the commands end."),
            ("ogrt-server help times", "The forms of --since and --until."),
            ("ogrt-server help variables", "The variables that override the configuration."),
        ];
        command.SetAction(parse =>
        {
            Write(context, parse.RootCommandResult.Command, parse.GetValue(topic));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(CommandContext context, Command root, string? topic)
    {
        TextWriter output = context.Terminal.Output;
        switch (topic)
        {
            case null:
                new HelpText(context).Write(output, root);
                return;
            case "exit-codes":
                foreach ((int code, string meaning) in ExitCode.All)
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{code,4}  {meaning}"));
                return;
            case "times":
                output.WriteLine("--since and --until take these forms; a time without a zone is a local one:");
                foreach (string form in TimeExpression.Forms.Split(", ")) output.WriteLine("  " + form);
                return;
            case "variables":
                foreach (Configuration.ConfigKey key in Configuration.ConfigSchema.Current.Keys)
                    output.WriteLine($"{Configuration.OverrideNames.Variable(key.Path)}  {key.Path}");
                return;
        }
        Command? command = root.Subcommands.FirstOrDefault(c => c.Name == topic);
        if (command is null)
        {
            throw new CliException(ExitCode.Usage, $"There is no help on '{topic}'." +
                Configuration.Suggestion.Clause(topic, root.Subcommands.Select(c => c.Name).Concat(Topics)));
        }
        new HelpText(context).Write(output, command);
    }
}
