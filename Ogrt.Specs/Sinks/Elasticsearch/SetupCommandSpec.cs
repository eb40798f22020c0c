using System.Diagnostics;
using System.Text.Json.Nodes;
using Ogrt.Server.Cli;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>The real program prepares a real server, as an operator has it do.</summary>
[Collection(RealServerCollection.Name)]
public sealed class SetupCommandSpec(RealServers servers) : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _prefix = "c" + Guid.NewGuid().ToString("N")[..12];

    public static TheoryData<string> Products => RealServers.Products;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Products))]
    public async Task It_shows_what_is_missing_installs_it_and_then_has_nothing_to_do(string product)
    {
        RealServer server = await servers.GetAsync(product);
        string url = server.Url.ToString().TrimEnd('/');

        (int exit, string output, string error) = await RunAsync(url, "--replicas", "0");
        Assert.Equal((ExitCode.Found, ""), (exit, error));
        Assert.Contains(product, output, StringComparison.OrdinalIgnoreCase);
        Assert.Matches($@"index template {_prefix}-processes \(.*\): missing\n", output);
        Assert.Contains("2 to do. Nothing was changed; --apply does it.", output, StringComparison.Ordinal);
        Assert.False(await server.ExistsAsync($"/_index_template/{_prefix}-processes"));

        (exit, output, _) = await RunAsync(url, "--replicas", "0", "--apply");
        Assert.Equal(ExitCode.Ok, exit);
        Assert.Contains("Installed: ", output, StringComparison.Ordinal);
        Assert.True(await server.ExistsAsync($"/_index_template/{_prefix}-processes"));
        Assert.True(await server.ExistsAsync($"/_index_template/{_prefix}-jobs"));

        (exit, output, _) = await RunAsync(url, "--replicas", "0");
        Assert.Equal(ExitCode.Ok, exit);
        Assert.EndsWith("Nothing to do.\n", output, StringComparison.Ordinal);

        // What is delivered then has the mapping of the template.
        await using SinkServer sinks = new(EsSinks.Config(url, $"process-index = {_prefix}-processes, job-index = {_prefix}-jobs"));
        sinks.Append(Frames.Process(1));
        await sinks.StartAsync();
        await RealServer.DeliveredAsync(sinks);
        JsonNode mapping = await server.GetAsync($"/{_prefix}-processes-*/_mapping/field/binpath");
        Assert.Equal("keyword", mapping.AsObject().Single().Value!["mappings"]!["binpath"]!["mapping"]!["binpath"]!["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task Without_a_server_it_says_so_and_what_to_look_at()
    {
        (int exit, string output, string error) = await RunAsync($"http://127.0.0.1:{RealServer.FreePort()}");
        Assert.Equal((ExitCode.Unavailable, ""), (exit, output));
        Assert.Contains("endpoints", error, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(string url, params string[] arguments)
    {
        string[] settings =
        [
            $"data-directory={_directory.Path}", "sinks.es.type=elasticsearch", "sinks.es.enabled=on", $"sinks.es.endpoints=[\"{url}\"]",
            $"sinks.es.process-index={_prefix}-processes", $"sinks.es.job-index={_prefix}-jobs",
        ];
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "ogrt-server"),
            ["setup", "elasticsearch", .. arguments, .. settings.SelectMany(s => new[] { "--set", s })])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(Cancellation), error = process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, await output, await error);
    }
}
