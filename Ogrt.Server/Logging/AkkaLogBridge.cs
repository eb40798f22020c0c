using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Microsoft.Extensions.Logging;
using AkkaLogLevel = Akka.Event.LogLevel;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Ogrt.Server.Logging;

/// <summary>Hands what actors log to the program's logger. Akka makes it by its name, so it finds the logger in a static.</summary>
public sealed class AkkaLogBridge : UntypedActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private static ILoggerFactory? _factory;

    private readonly Dictionary<string, ILogger> _loggers = new(StringComparer.Ordinal);

    /// <summary>The settings of an actor system that logs here.</summary>
    /// <param name="factory">Where messages go from now on, for every actor system of the process.</param>
    /// <param name="least">The least serious level that is worth sending.</param>
    public static string Configure(ILoggerFactory factory, LogLevel least)
    {
        _factory = factory;
        string level = least switch
        {
            LogLevel.Trace or LogLevel.Debug => "DEBUG",
            LogLevel.Information => "INFO",
            LogLevel.Warning => "WARNING",
            _ => "ERROR",
        };
        return $$"""
            akka {
              loggers = ["{{typeof(AkkaLogBridge).FullName}}, {{typeof(AkkaLogBridge).Assembly.GetName().Name}}"]
              loglevel = {{level}}
              stdout-loglevel = OFF
              stdout-logger-class = "{{typeof(SilentLogger).FullName}}, {{typeof(SilentLogger).Assembly.GetName().Name}}"
              logger-startup-timeout = 30 s
              log-dead-letters = off
              log-dead-letters-during-shutdown = off
            }
            """;
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                break;
            case LogEvent log:
                Write(log);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Write(LogEvent log)
    {
        string category = log.LogClass.FullName ?? log.LogClass.Name;
        if (!_loggers.TryGetValue(category, out ILogger? logger))
        {
            if (_factory is null) return;
            _loggers[category] = logger = _factory.CreateLogger(category);
        }
        LogLevel level = log.LogLevel() switch
        {
            AkkaLogLevel.DebugLevel => LogLevel.Debug,
            // The cluster tells each of its steps; an operator of one node needs none of them.
            AkkaLogLevel.InfoLevel => category.StartsWith("Akka", StringComparison.Ordinal) ? LogLevel.Debug : LogLevel.Information,
            AkkaLogLevel.WarningLevel => LogLevel.Warning,
            // After a save that failed the store is asked to delete what may have been saved. That this fails as well says nothing
            // more, and would be said for every job.
            _ when log.Message.ToString() is { } text && text.Contains("after SaveSnapshot failure", StringComparison.Ordinal) => LogLevel.Debug,
            _ => LogLevel.Error,
        };
        if (logger.IsEnabled(level)) logger.Log(level, default, log.Message.ToString() ?? "", log.Cause, static (text, _) => text);
    }
}
