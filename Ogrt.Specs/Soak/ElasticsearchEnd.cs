using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Ogrt.Specs.Soak;

/// <summary>Plays Elasticsearch's <c>_bulk</c>: a document that is created twice is answered with 409 the second time, one with a
/// version gives way to newer ones only.</summary>
internal sealed class ElasticsearchEnd(NumberedFrames frames, IPAddress? address = null) : HttpEnd(address)
{
    /// <summary>The name of the indices of processes, without the date.</summary>
    public const string Index = "ogrt-processes";

    /// <summary>How far a record's time may lie before and behind its arrival: the epoch of the run lies in the past.</summary>
    public const int DaysPast = 3660, DaysFuture = 1;

    private readonly ConcurrentDictionary<(string Index, string Id), Found> _documents = new();
    private readonly Dictionary<(string Index, string Id), long> _versions = [];

    /// <inheritdoc/>
    public override string Sink => "es";

    /// <inheritdoc/>
    public override bool HasIds => true;

    /// <inheritdoc/>
    public override bool KeepsNewestJobOnly => true;

    /// <inheritdoc/>
    public override bool RefusesPoison => true;

    /// <inheritdoc/>
    public override IEnumerable<string> Settings => SettingsOf(Url);

    /// <summary>What a sink of this type is set to in a run.</summary>
    public static IEnumerable<string> SettingsOf(string url) =>
    [
        "type=elasticsearch", $"endpoints={url}", $"time-past={DaysPast} d", $"time-future={DaysFuture} d", "max-in-flight=4", "circuit.min=50 ms",
        "circuit.max=200 ms",
    ];

    /// <inheritdoc/>
    public override string PlaceOf(long timeNs, long arrivalNs) => Place(Index, timeNs, arrivalNs);

    /// <summary>The dated index and the time of a document.</summary>
    public static string Place(string index, long timeNs, long arrivalNs)
    {
        const long second = 1_000_000_000, day = 86_400;
        long difference = (timeNs / second) - (arrivalNs / second);
        long time = difference < -DaysPast * day || difference > DaysFuture * day ? arrivalNs : timeNs;
        string date = DateTime.UnixEpoch.AddSeconds(ExpectedJson.FloorDivide(time, second)).ToString("yyyy.MM.dd", CultureInfo.InvariantCulture);
        return Found.PlaceOf($"{index}-{date}", ExpectedJson.FloorDivide(time, 1_000_000));
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<Found> ReadAsync(string dataDirectory, NumberedFrames _, Ledger ledger)
    {
        await Task.CompletedTask;
        foreach (Found document in _documents.Values)
            yield return document;
    }

    /// <summary>Looks at a document of an index.</summary>
    public static Found Look(string index, string id, JsonElement document, NumberedFrames frames)
    {
        Found found = Found.Of(document, document.GetProperty("type").GetString(), id, 1_000_000, frames, "@timestamp", "type");
        return found.Job is null ? found with { Place = Found.PlaceOf(index, document.GetProperty("@timestamp").GetInt64()) } : found;
    }

    /// <inheritdoc/>
    protected override void Map(WebApplication server)
    {
        server.MapGet("/", () => Results.Json(new { version = new { number = "8.19.5" }, tagline = "You Know, for Search" }));
        server.MapPost("/_bulk", ReceiveAsync);
    }

    /// <inheritdoc/>
    protected override (int Status, string Body) Refusal(FaultKind fault) => fault == FaultKind.Full
        ? (429, """{"error":{"type":"es_rejected_execution_exception","reason":"rejected execution of coordinating operation"},"status":429}""")
        : (403, """{"error":{"type":"cluster_block_exception","reason":"blocked by: [FORBIDDEN/6/cluster read-only (api)];"},"status":403}""");

    /// <inheritdoc/>
    protected override (int Status, string Body) Take(byte[] body, Func<int, FaultKind?> refuses)
    {
        var answer = new StringBuilder("{\"took\":1,\"items\":[");
        bool errors = false;
        int item = 0;
        foreach ((JsonElement action, JsonElement document) in Lines(body))
        {
            JsonProperty what = action.EnumerateObject().Single();
            (int status, string? error) = refuses(item) switch
            {
                FaultKind.FullForItems => (429, "es_rejected_execution_exception\",\"reason\":\"rejected execution of primary operation"),
                FaultKind.ReadOnly => (403, "cluster_block_exception\",\"reason\":\"index [x] blocked by: [FORBIDDEN/8/index write (api)];"),
                _ => Keep(what.Name, what.Value, document),
            };
            errors |= error is not null;
            answer.Append(item++ == 0 ? "" : ",").Append("{\"").Append(what.Name).Append("\":{\"status\":").Append(status);
            if (error is not null)
                answer.Append(",\"error\":{\"type\":\"").Append(error).Append("\"}");
            answer.Append("}}");
        }
        return (200, answer.Append("],\"errors\":").Append(errors ? "true" : "false").Append('}').ToString());
    }

    private (int Status, string? Error) Keep(string action, JsonElement meta, JsonElement document)
    {
        if (document.TryGetProperty("job_step", out JsonElement step) && step.GetString() == NumberedFrames.Poison)
            return (400, "document_parsing_exception\",\"reason\":\"failed to parse field [job_step] of type [long]");
        (string Index, string Id) key = (meta.GetProperty("_index").GetString()!, meta.GetProperty("_id").GetString()!);
        Found found = Look(key.Index, key.Id, document, frames);
        const string conflict = "version_conflict_engine_exception\",\"reason\":\"document already exists";
        if (action == "create")
            return _documents.TryAdd(key, found) ? (201, null) : (409, conflict);
        lock (_versions)
        {
            long version = meta.GetProperty("version").GetInt64();
            if (_versions.TryGetValue(key, out long newest) && newest >= version)
                return (409, conflict);
            _versions[key] = version;
            _documents[key] = found;
            return (201, null);
        }
    }

    private static IEnumerable<(JsonElement Action, JsonElement Document)> Lines(byte[] body)
    {
        int at = 0;
        while (at < body.Length)
        {
            JsonElement action = Line(body, ref at);
            yield return (action, Line(body, ref at));
        }
    }

    private static JsonElement Line(byte[] body, ref int at)
    {
        int end = Array.IndexOf(body, (byte)'\n', at);
        JsonElement line = JsonElement.Parse(body.AsSpan(at, end - at));
        at = end + 1;
        return line;
    }
}
