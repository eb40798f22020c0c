using System.CommandLine;
using Akka.Configuration;
using Microsoft.AspNetCore.Connections;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Ingest;
using Ogrt.Journal;
using Ogrt.Server.Configuration;
using Ogrt.Server.Hosting;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server run</c>: the server itself.</summary>
internal static class RunCommand
{
    public const string Name = "run";

    public static Command Create(CommandContext context)
    {
        var command = new Command(
            Name,
            "Run the server until SIGTERM or SIGINT, which stop it in an orderly way; a second signal ends it at once, and what is in the journal is not lost. The log goes to standard error.");
        context.Examples[command] =
        [
            ("ogrt-server run", "With the defaults, data in ./var."),
            ("ogrt-server run --config /etc/ogrt/ogrt.hocon", "As a service does."),
            ("ogrt-server run --set ingest.listeners.tcp.port=7972", "With another port."),
        ];
        command.SetAction(async (parse, cancel) =>
        {
            LoadedConfig config = context.LoadConfig(parse);
            RuntimeSettings settings = CommandContext.LoadSettings(config);
            try
            {
                return await ServerProcess.RunAsync(config, settings, context.Terminal.Error, cancel);
            }
            catch (Exception e) when (Startup(e, settings) is { } known)
            {
                throw known;
            }
        });
        return command;
    }

    // What keeps a server from starting is the operator's to mend: one sentence, no trace.
    private static CliException? Startup(Exception e, RuntimeSettings settings) => e switch
    {
        JournalLockedException => new CliException(ExitCode.Unavailable, e.Message, "", e),
        IngestBindException => new CliException(ExitCode.Unavailable, e.Message, "", e),
        ControlSocketInUseException => new CliException(ExitCode.Unavailable, e.Message, "Stop that server, or set ogrt.control.path and ogrt.data-directory.", e),
        IOException { InnerException: AddressInUseException } => new CliException(
            ExitCode.Unavailable, $"Port {settings.Server.HttpEndpoint.Port} of {settings.Server.HttpEndpoint.Address} is in use", "Stop the other program, or set ogrt.http.port to another port.", e),
        ClusterWithdrawnException => new CliException(ExitCode.TryLater, e.Message, "", e),
        ConfigurationException => new CliException(ExitCode.Configuration, e.Message, "", e),
        UnauthorizedAccessException => new CliException(ExitCode.Io, e.Message, "Is the data directory this user's own (ogrt.data-directory)?", e),
        IOException => new CliException(ExitCode.Io, e.Message, "", e),
        _ => null,
    };
}
