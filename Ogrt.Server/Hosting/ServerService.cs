using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ogrt.Actors.Cluster.Formation;
using Ogrt.Server.Cli;
using Ogrt.Server.Configuration;
using Ogrt.Server.Metrics;

namespace Ogrt.Server.Hosting;

/// <summary>
/// The one service of the host. Its start completes when frames are taken, which is when systemd is told that the service is
/// ready.
/// </summary>
internal sealed partial class ServerService(
    LoadedConfig config, RuntimeSettings settings, ILoggerFactory loggers, IHostApplicationLifetime lifetime)
    : IHostedService, IAsyncDisposable
{
    private readonly ILogger _log = loggers.CreateLogger("ogrt-server");
    private ServerParts? _parts;
    private HttpEndpoints? _http;
    private OtlpExport? _otlp;
    private bool _stopped;

    /// <summary>True when the cluster has put this node out, or the actor system ended for another reason of its own.</summary>
    public bool EndedByItself { get; private set; }

    /// <summary>True when the orderly stop took longer than it may.</summary>
    public bool StopTimedOut { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        LogStart(VersionText.Version, Environment.ProcessId, config.File ?? "(defaults)");
        foreach (ConfigProblem warning in config.Problems.Concat(new ConfigEnvironment(config, settings).Look(serverRuns: true)).Where(p => p.IsWarning))
            LogConfiguration(warning.ToString());
        Directory.CreateDirectory(settings.Server.DataDirectory);
        var parts = _parts = new ServerParts(config, settings, loggers);
        try
        {
            // First, so that health answers while a large journal is being recovered.
            _http = await HttpEndpoints.StartAsync(settings, parts, lifetime.StopApplication, _log, cancellationToken).ConfigureAwait(false);
            string address = _http.Address?.ToString() ?? "off";
            string control = Path.GetFullPath(settings.Server.ControlPath);
            LogEndpoints(address, control);
            _otlp = OtlpExport.Start(settings.Otlp, settings.Server.Cluster, $"{Environment.MachineName}:{Environment.ProcessId}", _log);
            await parts.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
        _ = WatchClusterAsync(parts.Node!);
        _ = parts.Ended.ContinueWith(_ => OnEnded(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        LogReady();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopped || _parts is not { } parts) return;
        _stopped = true;
        LogStopping();
        try
        {
            await parts.StopAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            // While the parts still have their numbers.
            _otlp?.Dispose();
            if (_http is not null) await _http.DisposeAsync().ConfigureAwait(false);
            await parts.DisposeAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            StopTimedOut = true;
            LogStopTimedOut(settings.Server.ShutdownTimeout);
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    private async Task WatchClusterAsync(ClusterNode node)
    {
        Task first = await Task.WhenAny(node.Withdrawn, node.LeaveAsked).ConfigureAwait(false);
        if (_stopped) return;
        if (first == node.LeaveAsked)
        {
            string asker = await node.LeaveAsked.ConfigureAwait(false);
            LogLeaveAsked(asker);
        }
        else
        {
            // Started again by the service manager, it gets into the right cluster.
            EndedByItself = true;
        }
        lifetime.StopApplication();
    }

    private void OnEnded()
    {
        if (_stopped) return;
        EndedByItself = true;
        LogEndedByItself();
        lifetime.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "ogrt-server {Version}, process {Pid}, configuration {File}")]
    private partial void LogStart(string version, int pid, string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Configuration: {Problem}")]
    private partial void LogConfiguration(string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Health and metrics on {Address}, control socket {Path}")]
    private partial void LogEndpoints(string address, string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ready")]
    private partial void LogReady();

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping; a second signal ends at once")]
    private partial void LogStopping();

    [LoggerMessage(Level = LogLevel.Error, Message = "The stop took longer than {Timeout} (ogrt.shutdown.timeout) and is cut off; the journal has everything that was accepted")]
    private partial void LogStopTimedOut(TimeSpan timeout);

    [LoggerMessage(Level = LogLevel.Information, Message = "The operator of {Node} asks this node to leave the cluster")]
    private partial void LogLeaveAsked(string node);

    [LoggerMessage(Level = LogLevel.Error, Message = "The actor system has ended by itself: the cluster has put this node out, or it failed")]
    private partial void LogEndedByItself();
}
