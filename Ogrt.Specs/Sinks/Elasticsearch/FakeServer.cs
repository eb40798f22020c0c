using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>
/// A server that keeps documents as Elasticsearch does (create, versions, upserts), and answers badly where a spec says so.
/// </summary>
internal sealed class FakeServer : IAsyncDisposable
{
    /// <summary>What is to happen to a request; null for what a good server does.</summary>
    public delegate Misdeed? Plan(int request, IReadOnlyList<BulkLine> items);

    private readonly ConcurrentDictionary<(string Index, string Id), JsonElement> _documents = new();
    private readonly ConcurrentDictionary<(string Index, string Id), long> _versions = new();
    private readonly WebApplication _server;
    private int _requests;
    private int _creations;

    private FakeServer(WebApplication server) => _server = server;

    /// <summary>What it keeps, by index and id.</summary>
    public IReadOnlyDictionary<(string Index, string Id), JsonElement> Documents => _documents;

    /// <summary>Bulk requests so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>What has been strange about requests.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>What it does wrong.</summary>
    public Plan Does { get; set; } = static (_, _) => null;

    /// <summary>What it does with one item instead of keeping it: a status and the type and reason of an error.</summary>
    public Func<BulkLine, (int Status, string Type, string Reason)?> ItemDoes { get; set; } = static _ => null;

    public string Url => _server.Urls.Single();

    public static async Task<FakeServer> StartAsync(long maxBody = 100_000_000)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        WebApplication server = builder.Build();
        var fake = new FakeServer(server);
        server.MapGet("/", () => Results.Json(new { version = new { number = "8.19.5" }, tagline = "You Know, for Search" }));
        server.MapPost("/_bulk", context => fake.BulkAsync(context, maxBody));
        await server.StartAsync(TestContext.Current.CancellationToken);
        return fake;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task BulkAsync(HttpContext context, long maxBody)
    {
        int number = Interlocked.Increment(ref _requests);
        if (context.Request.ContentLength is not { } length)
        {
            Complaints.Enqueue("no Content-Length");
            length = 0;
        }
        if (length > maxBody)
        {
            await AnswerAsync(context, 413, """{"error":"too large"}""");
            return;
        }
        using var body = new MemoryStream();
        await Decoded(context.Request).CopyToAsync(body, context.RequestAborted);
        List<BulkLine> items = Parse(Encoding.UTF8.GetString(body.ToArray()));
        Misdeed? misdeed = Does(number, items);
        if (misdeed?.BeforeKeeping is { } instead)
        {
            await instead(context);
            return;
        }
        string answer = Keep(items);
        if (misdeed?.AfterKeeping is { } after)
            await after(context, answer);
        else
            await AnswerAsync(context, 200, answer);
    }

    public static Task AnswerAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    /// <summary>Breaks the connection off with a reset.</summary>
    public static Task ResetAsync(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>() is { } socket)
            socket.Socket.LingerState = new System.Net.Sockets.LingerOption(true, 0);
        context.Abort();
        return Task.CompletedTask;
    }

    private static Stream Decoded(HttpRequest request) => request.Headers.ContentEncoding == "gzip"
        ? new GZipStream(request.Body, CompressionMode.Decompress)
        : request.Body;

    private List<BulkLine> Parse(string text)
    {
        var items = new List<BulkLine>();
        if (!text.EndsWith('\n'))
            Complaints.Enqueue("no newline at the end");
        string[] lines = text.TrimEnd('\n').Split('\n');
        for (int n = 0; n + 1 < lines.Length; n += 2)
        {
            JsonProperty action = JsonDocument.Parse(lines[n]).RootElement.EnumerateObject().Single();
            items.Add(new BulkLine(
                action.Name,
                action.Value.GetProperty("_index").GetString()!,
                action.Value.TryGetProperty("_id", out JsonElement id) ? id.GetString()! : "generated-" + Interlocked.Increment(ref _creations),
                action.Value.TryGetProperty("version", out JsonElement version) ? version.GetInt64() : 0,
                JsonDocument.Parse(lines[n + 1]).RootElement));
        }
        return items;
    }

    private string Keep(List<BulkLine> items)
    {
        bool errors = false;
        var answers = new List<string>(items.Count);
        foreach (BulkLine item in items)
        {
            (int status, string type, string reason) = ItemDoes(item) ?? (KeepOne(item), "version_conflict_engine_exception", "it is there");
            errors |= status >= 300;
            string error = status < 300 ? "" : $",\"error\":{{\"type\":\"{type}\",\"reason\":\"{reason}\"}}";
            answers.Add("{\"" + item.Action + "\":{\"status\":" + status.ToString(CultureInfo.InvariantCulture) + error + "}}");
        }
        return "{\"took\":1,\"errors\":" + (errors ? "true" : "false") + ",\"items\":[" + string.Join(',', answers) + "]}";
    }

    private int KeepOne(BulkLine item)
    {
        (string, string) key = (item.Index, item.Id);
        switch (item.Action)
        {
            case "create":
                return _documents.TryAdd(key, item.Document) ? 201 : 409;
            case "index":
                lock (_versions)
                {
                    if (_versions.TryGetValue(key, out long version) && version >= item.Version)
                        return 409;
                    _versions[key] = item.Version;
                    _documents[key] = item.Document;
                    return 201;
                }
            default:
                _documents.AddOrUpdate(key, item.Document.GetProperty("doc"), (_, old) => Merged(old, item.Document.GetProperty("doc")));
                return 200;
        }
    }

    private static JsonElement Merged(JsonElement old, JsonElement add)
    {
        var all = old.EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        foreach (JsonProperty property in add.EnumerateObject())
            all[property.Name] = property.Value;
        return JsonSerializer.SerializeToElement(all);
    }

    /// <summary>An item of a request.</summary>
    internal sealed record BulkLine(string Action, string Index, string Id, long Version, JsonElement Document);

    /// <summary>What a server does instead of answering, before or after it has kept the documents.</summary>
    internal sealed record Misdeed(Func<HttpContext, Task>? BeforeKeeping = null, Func<HttpContext, string, Task>? AfterKeeping = null);
}
