using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ogrt.Server.Cli;
using Ogrt.Server.Configuration;
using Ogrt.Server.Logging;

namespace Ogrt.Server.Hosting;

/// <summary>The process of a server: generic host, systemd's notifications, signals.</summary>
public static partial class ServerProcess
{
    /// <summary>Only the owner can read what the server writes.</summary>
    private const uint OwnerOnly = 0x3F;

    /// <summary>Runs a server until it is stopped.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="settings">The same, typed.</param>
    /// <param name="log">Where log lines go.</param>
    /// <param name="cancel">Stops it in an orderly way.</param>
    /// <returns>An exit code.</returns>
    public static async Task<int> RunAsync(LoadedConfig config, RuntimeSettings settings, TextWriter log, CancellationToken cancel)
    {
        _ = Umask(OwnerOnly);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(settings.Server.LogLevel)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddProvider(new StandardErrorLogger(log, settings.Server.LogLevel, StandardErrorLogger.GoesToJournald));
        builder.Services.AddSystemd();
        builder.Services.Configure<ConsoleLifetimeOptions>(o => o.SuppressStatusMessages = true);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = settings.Server.ShutdownTimeout);
        builder.Services.AddSingleton(config).AddSingleton(settings).AddSingleton<ServerService>();
        builder.Services.AddHostedService(s => s.GetRequiredService<ServerService>());
        IHost host = builder.Build();
        await using var disposal = (IAsyncDisposable)host;

        int signals = 0;
        void OnSignal(PosixSignalContext signal)
        {
            // The host stops at the first. The second comes from somebody who does not want to wait: nothing that is in the
            // journal is lost by ending here.
            signal.Cancel = true;
            if (Interlocked.Increment(ref signals) < 2) return;
            ExitNow(signal.Signal == PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Terminated);
        }

        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        ServerService service = host.Services.GetRequiredService<ServerService>();
        IHostApplicationLifetime lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        try
        {
            await host.StartAsync(cancel).ConfigureAwait(false);
            await host.WaitForShutdownAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (signals > 0 || cancel.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Stopped while it was starting.
            await service.StopAsync(CancellationToken.None).ConfigureAwait(false);
            return ExitCode.Terminated;
        }
        if (service.StopTimedOut) ExitNow(ExitCode.TryLater);
        return service.EndedByItself ? ExitCode.TryLater : ExitCode.Ok;
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint Umask(uint mask);

    // Without the runtime's own way out, which would wait for finalizers and exit handlers.
    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);
}
