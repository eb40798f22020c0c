using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Ogrt.Server.Cli;

namespace Ogrt.Server.Logging;

/// <summary>
/// Writes log messages to standard error, one line each. Under a service manager that keeps the time itself, a line begins
/// with the level as journald reads it (sd-daemon(3)), else with the time.
/// </summary>
public sealed class StandardErrorLogger : ILoggerProvider
{
    private readonly TextWriter _output;
    private readonly LogLevel _least;
    private readonly bool _journald;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();

    /// <summary>Makes the provider.</summary>
    /// <param name="output">Where lines go.</param>
    /// <param name="least">The least serious level that is written.</param>
    /// <param name="journald">Whether lines begin with a level for journald.</param>
    /// <param name="clock">The time of the lines.</param>
    public StandardErrorLogger(TextWriter output, LogLevel least, bool journald, TimeProvider? clock = null)
    {
        _output = output;
        _least = least;
        _journald = journald;
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>Whether standard error goes to journald, which then sets this variable (systemd.exec(5)).</summary>
    public static bool GoesToJournald => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("JOURNAL_STREAM"));

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var line = new StringBuilder();
        if (_journald) line.Append(CultureInfo.InvariantCulture, $"<{Priority(level)}>");
        else line.Append(_clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z' ", CultureInfo.InvariantCulture)).Append(Name(level)).Append(' ');
        line.Append(category).Append(": ").Append(SafeText.Of(message));
        if (exception is not null) line.Append(" [").Append(SafeText.Of($"{exception.GetType().Name}: {exception.Message}")).Append(']');
        if (exception is not null && _least <= LogLevel.Debug) line.AppendLine().Append(exception);
        lock (_lock)
        {
            _output.WriteLine(line);
            _output.Flush();
        }
    }

    private static int Priority(LogLevel level) => level switch
    {
        LogLevel.Critical => 2,
        LogLevel.Error => 3,
        LogLevel.Warning => 4,
        LogLevel.Information => 6,
        _ => 7,
    };

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Critical => "critical",
        LogLevel.Error => "error",
        LogLevel.Warning => "warning",
        LogLevel.Information => "info",
        _ => "debug",
    };

    private sealed class Category(StandardErrorLogger owner, string name) : ILogger
    {
        // The part's name without its namespace: Ogrt.Actors.Ingest.IngestActor is IngestActor.
        private readonly string _name = name[(name.LastIndexOf('.') + 1)..];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= owner._least && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) owner.Write(logLevel, _name, formatter(state, exception), exception);
        }
    }
}
