using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Ogrt.Server.Cli;
using Ogrt.Server.Configuration;

namespace Ogrt.Server.Metrics;

/// <summary>
/// Sends the same instruments that <see cref="PrometheusText"/> writes to a collector of OpenTelemetry (OTLP), with the same names and
/// the same bounds of histograms. A collector that does not answer costs the server nothing but a line in the log.
/// </summary>
public sealed class OtlpExport : IDisposable
{
    private const int EndTimeoutMilliseconds = 2000;

    private readonly MeterProvider _provider;
    private readonly OtlpTroubles _troubles;

    private OtlpExport(MeterProvider provider, OtlpTroubles troubles) => (_provider, _troubles) = (provider, troubles);

    /// <summary>Begins to send.</summary>
    /// <param name="settings">Where to and how often; with no endpoint nothing is sent.</param>
    /// <param name="cluster">The cluster's name, an attribute of the resource.</param>
    /// <param name="instance">What tells this server from others.</param>
    /// <param name="log">Where troubles are told.</param>
    /// <returns>Null where nothing is sent.</returns>
    /// <exception cref="IOException">The file of headers cannot be read.</exception>
    public static OtlpExport? Start(OtlpSettings settings, string cluster, string instance, ILogger log)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Endpoint is not { } endpoint) return null;
        string headers = settings.HeadersFile is { } file ? Headers(File.ReadAllLines(file)) : "";
        var troubles = new OtlpTroubles(endpoint, log);
        MeterProvider provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource
                .AddService("ogrt-server", serviceVersion: VersionText.Version, serviceInstanceId: instance)
                .AddAttributes([new KeyValuePair<string, object>("ogrt.cluster", cluster)]))
            .AddMeter(PrometheusText.MeterPrefix + "*")
            .AddView(instrument => PrometheusText.Buckets(instrument) is { } bounds && PrometheusText.IsHistogram(instrument)
                ? new ExplicitBucketHistogramConfiguration { Boundaries = bounds }
                : null)
            .AddOtlpExporter((exporter, reader) =>
            {
                exporter.Endpoint = endpoint;
                exporter.Protocol = settings.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
                exporter.TimeoutMilliseconds = (int)settings.Timeout.TotalMilliseconds;
                if (headers.Length > 0) exporter.Headers = headers;
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)settings.Interval.TotalMilliseconds;
                reader.PeriodicExportingMetricReaderOptions.ExportTimeoutMilliseconds = (int)settings.Timeout.TotalMilliseconds;
            })
            .Build();
        return new OtlpExport(provider, troubles);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The last numbers, where somebody takes them.
        _provider.Shutdown(EndTimeoutMilliseconds);
        _provider.Dispose();
        _troubles.Dispose();
    }

    /// <summary>Lines of NAME: VALUE as the exporter takes them: NAME=VALUE, joined by commas, the values escaped.</summary>
    internal static string Headers(IEnumerable<string> lines) => string.Join(',', lines
        .Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(':', 2)).Where(parts => parts.Length == 2)
        .Select(parts => parts[1].Contains(',', StringComparison.Ordinal)
            ? throw new IOException($"The header {parts[0].Trim()} for the collector has a comma in its value, which the exporter would take for the end of it.")
            : $"{parts[0].Trim()}={Uri.EscapeDataString(parts[1].Trim())}"));
}
