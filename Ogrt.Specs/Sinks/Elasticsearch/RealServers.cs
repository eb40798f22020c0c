using Ogrt.Specs.Sinks.Elasticsearch;

[assembly: AssemblyFixture(typeof(RealServers))]

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>The real servers of a run of the specs: each starts once, when the first spec wants it, and ends with the run.</summary>
public sealed class RealServers : IAsyncDisposable
{
    private readonly Dictionary<string, Task<(RealServer? Server, string Reason)>> _servers = [];

    /// <summary>The products.</summary>
    public static TheoryData<string> Products => ["opensearch", "elasticsearch"];

    public async ValueTask DisposeAsync()
    {
        foreach (Task<(RealServer? Server, string Reason)> server in _servers.Values)
        {
            // One that did not start has failed the specs that wanted it.
            await ((Task)server).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (server.IsCompletedSuccessfully && server.Result.Server is { } running)
                await running.DisposeAsync();
        }
    }

    /// <summary>A product's server; skips the spec, with the reason, where there is none.</summary>
    internal async Task<RealServer> GetAsync(string product)
    {
        Task<(RealServer? Server, string Reason)>? starting;
        lock (_servers)
        {
            if (!_servers.TryGetValue(product, out starting))
                _servers[product] = starting = RealServer.StartAsync(product);
        }
        (RealServer? server, string reason) = await starting;
        Assert.SkipWhen(server is null, reason);
        return server!;
    }
}
