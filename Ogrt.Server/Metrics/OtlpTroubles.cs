using System.Diagnostics.Tracing;
using Microsoft.Extensions.Logging;

namespace Ogrt.Server.Metrics;

/// <summary>Takes what the exporter says of its troubles, which it says nowhere else, and puts the first of them and a count into the log.</summary>
internal sealed partial class OtlpTroubles(Uri endpoint, ILogger log) : EventListener
{
    private const string Source = "OpenTelemetry-Exporter-OpenTelemetryProtocol";
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(5);

    private long _count;
    private long _loggedAt;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        ArgumentNullException.ThrowIfNull(eventSource);
        if (eventSource.Name == Source) EnableEvents(eventSource, EventLevel.Warning);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        ArgumentNullException.ThrowIfNull(eventData);
        // The base class tells of sources before this one's own constructor has ended.
        if (log is null || eventData.EventSource.Name != Source) return;
        long count = Interlocked.Increment(ref _count), now = Environment.TickCount64, last = Interlocked.Read(ref _loggedAt);
        if (last != 0 && now - last < LogInterval.TotalMilliseconds) return;
        if (Interlocked.CompareExchange(ref _loggedAt, now, last) != last) return;
        string said = string.Join(' ', (eventData.Payload ?? []).Select(p => p?.ToString() ?? "")).ReplaceLineEndings(" ");
        LogTrouble(endpoint, said.Length > 300 ? said[..300] : said, count);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Metrics cannot be sent to {Endpoint}: {Said} ({Count} times since the start); /metrics has them all the same")]
    private partial void LogTrouble(Uri endpoint, string said, long count);
}
