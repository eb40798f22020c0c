using System.Globalization;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Ogrt.Server.Cli;
using Ogrt.Server.Metrics;
using Ogrt.Specs.Sinks;

namespace Ogrt.Specs.Server.Watch;

/// <summary>What an OpenTelemetry collector gets is what /metrics says. The messages are read field by field, as opentelemetry-proto numbers them.</summary>
public sealed class OtlpSpec : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogrt-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_collector_gets_every_metric_with_the_numbers_of_the_text()
    {
        await using Collector collector = await Collector.StartAsync();
        string headers = Path.Combine(_folder.FullName, "headers");
        await File.WriteAllTextAsync(headers, "# who sends\nX-Token: a b=d\n", TestContext.Current.CancellationToken);
        using RunningServer server = await RunningServer.StartAsync(
            _folder.FullName, $"metrics.otlp.endpoint={collector.Url}", "metrics.otlp.interval=200 ms", $"metrics.otlp.headers-file={headers}");
        await server.SendTcpAsync(Enumerable.Range(1, 30).Select(n => Frames.Frame(Frames.Process(n, "OTLP"))));
        const string frames = "ogrt_ingest_frames_total{listener=\"tcp\"}";
        await server.UntilAsync(() => Task.FromResult(collector.Numbers.TryGetValue(frames, out double sent) && sent == 30));
        await server.UntilAsync(() => Task.FromResult(collector.Numbers.TryGetValue("ogrt_jobs_frames_total", out double applied) && applied == 30));
        await server.UntilAsync(() => Task.FromResult(collector.Numbers.TryGetValue("ogrt_sink_events_total{outcome=\"delivered\",sink=\"local\"}", out double sent) && sent >= 30));

        Dictionary<string, double> text = PrometheusReader.Read(await server.MetricsAsync()).Where(s => !s.Name.EndsWith("_bucket", StringComparison.Ordinal))
            .ToDictionary(s => s.Name + (s.Labels.Count == 0 ? "" : "{" + string.Join(',', s.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}=\"{l.Value}\"")) + "}"), s => s.Value);
        // Each export comes a moment after the text; what still moves is compared by its name only.
        await server.UntilAsync(() => Task.FromResult(!text.Keys.Except(collector.Numbers.Keys).Any()));
        Assert.Empty(text.Keys.Except(collector.Numbers.Keys));
        Assert.All(
            text.Keys.Where(k => k.StartsWith("ogrt_ingest_frames", StringComparison.Ordinal) || k.StartsWith("ogrt_jobs_frames", StringComparison.Ordinal) || k.StartsWith("ogrt_ingest_bytes", StringComparison.Ordinal) || k == "ogrt_journal_max_size_bytes"),
            key => Assert.Equal(text[key], collector.Numbers[key]));
        Assert.Contains("ogrt-server", collector.Attributes, StringComparison.Ordinal);
        Assert.Contains("ogrt.cluster", collector.Attributes, StringComparison.Ordinal);
        Assert.Equal("a b=d", collector.Token);
        // Its own bounds and not the exporter's.
        Assert.Contains(60.0, collector.Bounds["ogrt_sink_request_seconds"]);
        server.Signal("TERM");
        Assert.Equal(ExitCode.Ok, await server.EndAsync());
    }

    [Fact]
    public async Task A_collector_that_is_not_there_is_one_line_in_the_log()
    {
        using RunningServer server = await RunningServer.StartAsync(_folder.FullName, $"metrics.otlp.endpoint=http://127.0.0.1:{EndToEnd.ServerProcess.FreePort()}/v1/metrics", "metrics.otlp.interval=100 ms", "metrics.otlp.timeout=1 s");
        await server.UntilAsync(() => Task.FromResult(server.Log.Contains("Metrics cannot be sent to http://127.0.0.1:", StringComparison.Ordinal)));
        await server.SendTcpAsync(Frames.Frame(Frames.Process(1, "STILL")));
        await server.UntilAsync(async () => await server.MetricAsync("ogrt_ingest_frames_total") == 1);
        Assert.Single(server.Log.Split('\n'), line => line.Contains("Metrics cannot be sent", StringComparison.Ordinal));
        server.Signal("TERM");
        Assert.Equal(ExitCode.Ok, await server.EndAsync());
    }

    [Theory]
    [InlineData("metrics.otlp.endpoint=localhost:4318", "is no URL that begins with http")]
    [InlineData("metrics.otlp.endpoint=http://user:secret@localhost/", "use headers-file")]
    [InlineData("metrics.otlp.protocol=udp", "is not one of http, grpc")]
    [InlineData("metrics.otlp.interval=1 ms", "at least 100 ms")]
    public async Task A_wrong_setting_is_told(string setting, string expected)
    {
        var error = new StringWriter();
        int code = await new CommandLineProgram(new Terminal { Output = TextWriter.Null, Error = error }).RunAsync(["check", "--no-environment", "--set", setting], TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
    }

    private sealed class Collector : IAsyncDisposable
    {
        private readonly WebApplication _application;
        private volatile Dictionary<string, double> _numbers = [];

        private Collector(WebApplication application) => _application = application;

        public string Url { get; private set; } = "";

        public IReadOnlyDictionary<string, double> Numbers => _numbers;

        public Dictionary<string, double[]> Bounds { get; } = [];

        public string Attributes { get; private set; } = "";

        public string Token { get; private set; } = "";

        public static async Task<Collector> StartAsync()
        {
            int port = EndToEnd.ServerProcess.FreePort();
            WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.Services.AddRoutingCore();
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port, o => o.Protocols = HttpProtocols.Http1));
            WebApplication application = builder.Build();
            var collector = new Collector(application) { Url = $"http://127.0.0.1:{port}/v1/metrics" };
            application.UseRouting();
            application.MapPost("/v1/metrics", async context =>
            {
                Assert.Equal("application/x-protobuf", context.Request.ContentType);
                collector.Token = Uri.UnescapeDataString(context.Request.Headers["X-Token"].ToString());
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                var numbers = new Dictionary<string, double>();
                foreach (byte[] resource in Fields(body.ToArray(), 1)) collector.TakeResource(resource, numbers);
                collector._numbers = numbers;
            });
            await application.StartAsync();
            return collector;
        }

        public ValueTask DisposeAsync() => _application.DisposeAsync();

        private void TakeResource(byte[] resource, Dictionary<string, double> numbers)
        {
            Attributes = string.Concat(Fields(resource, 1).Select(Encoding.UTF8.GetString));
            foreach (byte[] metric in Fields(resource, 2).SelectMany(scope => Fields(scope, 2)))
            {
                string name = Encoding.UTF8.GetString(Fields(metric, 1).Single());
                // 5 is a gauge, 7 a sum, 9 a histogram.
                foreach (byte[] point in Fields(metric, 5).Concat(Fields(metric, 7)).SelectMany(data => Fields(data, 1)))
                    numbers[name + Labels(point, 7)] = Number(point);
                foreach (byte[] point in Fields(metric, 9).SelectMany(data => Fields(data, 1)))
                {
                    numbers[$"{name}_count{Labels(point, 9)}"] = Fixed(point, 4, BitConverter.ToInt64);
                    numbers[$"{name}_sum{Labels(point, 9)}"] = Fixed(point, 5, BitConverter.ToDouble);
                    byte[] bounds = Fields(point, 7).Single();
                    lock (Bounds) Bounds[name] = [.. Enumerable.Range(0, bounds.Length / 8).Select(i => BitConverter.ToDouble(bounds, i * 8))];
                }
            }
        }

        private static double Number(byte[] point)
        {
            double asDouble = Fixed(point, 4, BitConverter.ToDouble), asInt = Fixed(point, 6, BitConverter.ToInt64);
            return double.IsNaN(asInt) ? asDouble : asInt;
        }

        private static string Labels(byte[] point, int field)
        {
            string[] labels = [.. Fields(point, field).Select(pair =>
                $"{Encoding.UTF8.GetString(Fields(pair, 1).Single())}=\"{string.Concat(Fields(pair, 2).SelectMany(v => Fields(v, 1)).Select(Encoding.UTF8.GetString))}{Whole(pair)}\"")];
            return labels.Length == 0 ? "" : "{" + string.Join(',', labels.Order(StringComparer.Ordinal)) + "}";
        }

        // An attribute that is a number: field 3 of its value.
        private static string Whole(byte[] pair)
        {
            byte[] value = Fields(pair, 2).FirstOrDefault() ?? [];
            var input = new CodedInputStream(value);
            uint tag = value.Length == 0 ? 0 : input.ReadTag();
            return tag >> 3 == 3 ? input.ReadInt64().ToString(CultureInfo.InvariantCulture) : "";
        }

        // All fields of a number that have bytes.
        private static List<byte[]> Fields(byte[] message, int field)
        {
            var found = new List<byte[]>();
            var input = new CodedInputStream(message);
            for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
            {
                if (tag >> 3 == field && (tag & 7) == 2) found.Add(input.ReadBytes().ToByteArray());
                else input.SkipLastField();
            }
            return found;
        }

        // The field of a number that has eight bytes; not a number when it is not there.
        private static double Fixed<T>(byte[] message, int field, Func<byte[], int, T> read)
            where T : IConvertible
        {
            var input = new CodedInputStream(message);
            for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
            {
                if (tag >> 3 == field && (tag & 7) == 1) return read(BitConverter.GetBytes(input.ReadFixed64()), 0).ToDouble(CultureInfo.InvariantCulture);
                input.SkipLastField();
            }
            return double.NaN;
        }
    }
}
