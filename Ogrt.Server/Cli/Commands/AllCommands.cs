using System.CommandLine;

namespace Ogrt.Server.Cli.Commands;

/// <summary>Every command, in the order of the help text.</summary>
public static class AllCommands
{
    /// <summary>Makes the commands.</summary>
    public static IEnumerable<Command> Create(CommandContext context) =>
    [
        RunCommand.Create(context),
        JobsCommand.Create(context),
        TreeCommand.Create(context),
        JobCommand.Create(context),
        CheckCommand.Create(context),
        TopCommand.Create(context),
        TailCommand.Create(context),
        MetricsCommand.Create(context),
        ActorsCommand.Create(context),
        LeaveCommand.Create(context),
        ClusterCommand.Create(context),
        SinksCommand.Create(context),
        DeadLettersCommand.Create(context),
        JournalCommand.Create(context),
        SetupCommand.Create(context),
        CompletionCommand.Create(context),
        HelpCommand.Create(context),
    ];
}
