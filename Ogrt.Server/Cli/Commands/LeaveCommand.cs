using System.CommandLine;
using System.Diagnostics;
using Ogrt.Server.Configuration;
using Ogrt.Server.Hosting;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server leave</c>: stops this machine's server in order, so that its jobs live on elsewhere.</summary>
internal static class LeaveCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    public static Command Create(CommandContext context)
    {
        var noWait = new Option<bool>("--no-wait") { Description = "Return when the stop has begun." };
        var command = new Command("leave",
            "Stop the running server in an orderly way, as SIGTERM does: it says that it is not ready, closes its listeners, reads what is on its way, hands its jobs over to the other nodes, empties its sinks' queues, and leaves the cluster. Returns when it has ended.")
        {
            noWait,
        };
        context.Examples[command] =
        [
            ("ogrt-server leave --config /etc/ogrt/ogrt.hocon", "Before an upgrade or a shutdown of this machine."),
            ("ogrt-server leave --no-wait", "Only begin; the server's log tells how it goes on."),
        ];
        command.SetAction(async (parse, cancel) =>
        {
            RuntimeSettings settings = context.LoadSettings(parse);
            using (ControlConnection connection = SinksCommand.Connect(settings.Server))
            using (HttpResponseMessage answer = await connection.SendAsync(HttpMethod.Post, "leave", cancel))
            {
                if (!answer.IsSuccessStatusCode) throw await ControlConnection.RefusalAsync(answer, cancel);
            }
            if (parse.GetValue(noWait)) return ExitCode.Ok;
            context.Terminal.Error.WriteLine("The server is stopping.");
            long start = Stopwatch.GetTimestamp();
            while (ControlSocket.IsAlive(settings.Server.ControlPath))
            {
                if (Stopwatch.GetElapsedTime(start) > settings.Server.ShutdownTimeout + Slack)
                    throw new CliException(ExitCode.TryLater, "The server has not ended in time", "Its log says what it waits for.");
                await Task.Delay(Pause, cancel);
            }
            context.Terminal.Error.WriteLine("The server has left.");
            return ExitCode.Ok;
        });
        return command;
    }
}
