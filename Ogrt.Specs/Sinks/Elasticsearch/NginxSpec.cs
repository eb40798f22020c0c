using Ogrt.Sinks;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>A real server behind a real proxy that asks for everything that can be asked for.</summary>
[Collection(RealServerCollection.Name)]
public sealed class NginxSpec(RealServers servers)
{
    private readonly string _prefix = "n" + Guid.NewGuid().ToString("N")[..12];

    [Fact]
    public async Task Everything_arrives_through_TLS_a_client_certificate_and_a_password()
    {
        RealServer server = await servers.GetAsync("opensearch");
        await using Nginx nginx = await Nginx.StartAsync(server.Url);
        await using SinkServer sinks = Sinks(nginx, nginx.Settings);
        sinks.Append(Enumerable.Range(0, 500).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await RealServer.DeliveredAsync(sinks);
        Assert.Equal(500, await server.CountAsync(_prefix + "-processes-*"));
        Assert.Equal(0, sinks.Sink("es").Metrics.Counts.DeadLettered);
    }

    [Fact]
    public async Task A_wrong_password_pauses_the_sink_until_the_file_is_right()
    {
        RealServer server = await servers.GetAsync("opensearch");
        await using Nginx nginx = await Nginx.StartAsync(server.Url);
        await File.WriteAllTextAsync(nginx.PasswordFile, "wrong", TestContext.Current.CancellationToken);
        await using SinkServer sinks = Sinks(nginx, nginx.Settings);
        sinks.Append(Enumerable.Range(0, 50).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await SinkServer.UntilAsync(() => sinks.Sink("es").State is { Phase: SinkPhase.Paused, Reason: "http_401" }, () => sinks.Sink("es").State.ToString());
        await File.WriteAllTextAsync(nginx.PasswordFile, "geheim", TestContext.Current.CancellationToken);
        await RealServer.DeliveredAsync(sinks);
        Assert.Equal(50, await server.CountAsync(_prefix + "-processes-*"));
    }

    [Fact]
    public async Task Without_the_client_certificate_the_page_of_the_proxy_pauses_the_sink_and_spoils_no_record()
    {
        RealServer server = await servers.GetAsync("opensearch");
        await using Nginx nginx = await Nginx.StartAsync(server.Url);
        await using SinkServer sinks = Sinks(nginx, nginx.Settings + "\ntls.client-certificate-file = \"\"\ntls.client-key-file = \"\"");
        sinks.Append(Enumerable.Range(0, 50).Select(n => Frames.Process(n)));
        await sinks.StartAsync();
        await SinkServer.UntilAsync(() => sinks.Sink("es").State is { Phase: SinkPhase.Paused, Reason: "http_400" }, () => sinks.Sink("es").State.ToString());
        Assert.Contains("certificate", sinks.Sink("es").State.Detail, StringComparison.Ordinal);
        Assert.Equal(0, sinks.Sink("es").Metrics.Counts.DeadLettered);
    }

    [Fact]
    public async Task A_body_that_the_proxy_refuses_for_its_size_goes_in_parts()
    {
        RealServer server = await servers.GetAsync("opensearch");
        await using Nginx nginx = await Nginx.StartAsync(server.Url);
        await using SinkServer sinks = Sinks(nginx, nginx.Settings + "\nbatch-linger = 500 ms");
        sinks.Append(Enumerable.Range(0, 3000).Select(n =>
        {
            var process = Frames.Process(n);
            process.EnvironmentVariables.Add("X=" + new string('x', 1000));
            return process;
        }));
        await sinks.StartAsync();
        await RealServer.DeliveredAsync(sinks);
        Assert.Equal(3000, await server.CountAsync(_prefix + "-processes-*"));
        Assert.Contains(sinks.Sink("es").Metrics.Retries, r => r.Key == "split");
    }

    private SinkServer Sinks(Nginx nginx, string settings) =>
        new(EsSinks.Config(nginx.Url, $"process-index = {_prefix}-processes, job-index = {_prefix}-jobs\n{settings}"));
}
