using System.Text.Json;
using System.Text.Json.Nodes;
using Ogrt.Specs.Sinks.Elasticsearch;

namespace Ogrt.Specs.Soak.Real;

/// <summary>A real Elasticsearch or OpenSearch as a target of a run, in indices of its own. Poison is what its mapping refuses.</summary>
internal sealed class RealElasticsearchTarget(RealServer server) : SoakTarget
{
    private readonly string _prefix = "oracle-" + Guid.NewGuid().ToString("N")[..8];
    private FaultKind? _fault;

    /// <inheritdoc/>
    public override string Sink => "es";

    /// <inheritdoc/>
    public override bool HasIds => true;

    /// <inheritdoc/>
    public override bool KeepsNewestJobOnly => true;

    /// <inheritdoc/>
    public override bool RefusesPoison => true;

    /// <inheritdoc/>
    public override IReadOnlyList<FaultKind> Faults => [FaultKind.TargetKilled, FaultKind.ReadOnly, FaultKind.BlackHole];

    /// <inheritdoc/>
    public override IEnumerable<string> Settings =>
        [.. ElasticsearchEnd.SettingsOf(server.Url.ToString().TrimEnd('/')), $"process-index={Processes}", $"job-index={_prefix}-jobs"];

    private string Processes => _prefix + "-processes";

    /// <summary>Makes the mapping that poison does not fit.</summary>
    public Task PrepareAsync() => server.PutAsync(
        $"/_index_template/{_prefix}",
        "{\"index_patterns\":[\"" + _prefix + "-*\"],\"template\":{\"settings\":{\"number_of_shards\":1,\"number_of_replicas\":0},"
        + "\"mappings\":{\"dynamic\":false,\"properties\":{\"job_step\":{\"type\":\"long\"}}}}}");

    /// <inheritdoc/>
    public override async Task BeginAsync(FaultKind fault)
    {
        _fault = fault;
        switch (fault)
        {
            case FaultKind.TargetKilled:
                server.KillNow();
                break;
            case FaultKind.BlackHole:
                server.Freeze();
                break;
            default:
                await BlockAsync("true");
                break;
        }
    }

    /// <inheritdoc/>
    public override async Task EndAsync()
    {
        switch (_fault)
        {
            case FaultKind.TargetKilled:
                await server.RestartAsync();
                break;
            case FaultKind.BlackHole:
                server.Thaw();
                break;
            case FaultKind.ReadOnly:
                await BlockAsync("null");
                break;
        }
        _fault = null;
    }

    /// <inheritdoc/>
    public override string PlaceOf(long timeNs, long arrivalNs) => ElasticsearchEnd.Place(Processes, timeNs, arrivalNs);

    /// <inheritdoc/>
    public override async IAsyncEnumerable<Found> ReadAsync(string dataDirectory, NumberedFrames frames, Ledger ledger)
    {
        await server.SendAsync(HttpMethod.Post, $"/{_prefix}-*/_refresh");
        JsonNode page = await server.SendAsync(HttpMethod.Post, $"/{_prefix}-*/_search?scroll=1m&size=2000", """{"sort":["_doc"]}""");
        while (page["hits"]!["hits"]!.AsArray() is { Count: > 0 } hits)
        {
            foreach (JsonNode? hit in hits)
            {
                yield return ElasticsearchEnd.Look(
                    hit!["_index"]!.GetValue<string>(), hit["_id"]!.GetValue<string>(), JsonSerializer.SerializeToElement(hit["_source"]), frames);
            }
            page = await server.SendAsync(HttpMethod.Post, "/_search/scroll", "{\"scroll\":\"1m\",\"scroll_id\":\"" + page["_scroll_id"]!.GetValue<string>() + "\"}");
        }
    }

    /// <summary>Ends a fault that is left, so that others can use the server; it forgets its indices when it ends itself.</summary>
    public override async ValueTask DisposeAsync()
    {
        await EndAsync();
        await base.DisposeAsync();
    }

    private Task BlockAsync(string value) => server.PutAsync("/_cluster/settings", "{\"persistent\":{\"cluster.blocks.read_only\":" + value + "}}");
}
