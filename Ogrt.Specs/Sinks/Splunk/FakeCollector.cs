using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ogrt.Specs.Sinks.Splunk;

/// <summary>
/// A collector that takes events as strictly as Splunk does, keeps what is indexed, and answers badly where a spec says so.
/// With acknowledgement it numbers the requests of each channel from 0 and says once that one is indexed.
/// </summary>
internal sealed partial class FakeCollector : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentDictionary<ConnectionContext, int> _connections;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _numbers = [];
    private readonly Dictionary<(string Channel, long Id), List<JsonElement>> _taken = [];
    private int _requests;
    private int _questions;

    private FakeCollector(WebApplication server, ConcurrentDictionary<ConnectionContext, int> connections)
    {
        _server = server;
        _connections = connections;
    }

    /// <summary>What is to happen to a request, by its number from 1 and its events; null for what a good collector does.</summary>
    public Func<int, IReadOnlyList<JsonElement>, Misdeed?> Does { get; set; } = static (_, _) => null;

    /// <summary>The code with which it refuses an event; null when it takes it.</summary>
    public Func<JsonElement, int?> Refuses { get; set; } = static _ => null;

    /// <summary>The number that it gives for a refused event of a request; null for none.</summary>
    public Func<int, int?> NumberOf { get; set; } = static n => n;

    /// <summary>What it says about its health.</summary>
    public (int Status, string Body) Health { get; set; } = (200, """{"text":"HEC is healthy","code":17}""");

    /// <summary>Whether the token has acknowledgement.</summary>
    public bool Acknowledges { get; set; }

    /// <summary>Whether what was taken is indexed when it is asked for; what is not stays taken.</summary>
    public Func<string, long, bool> Indexes { get; set; } = static (_, _) => true;

    /// <summary>What it says to a question for acknowledgements, by its number from 1; null for what a good collector does.</summary>
    public Func<int, (int Status, string Body)?> Says { get; set; } = static _ => null;

    /// <summary>Bytes that a request may have.</summary>
    public long MaxBody { get; set; } = 1_000_000;

    /// <summary>Events that are indexed, in the order of it.</summary>
    public ConcurrentQueue<JsonElement> Indexed { get; } = new();

    /// <summary>What has been strange about requests.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>Channels of requests with events.</summary>
    public ConcurrentDictionary<string, int> Channels { get; } = new();

    /// <summary>Requests with events so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Questions for acknowledgements so far.</summary>
    public int Questions => Volatile.Read(ref _questions);

    /// <summary>How many requests one question asked for at most.</summary>
    public int MostAsked { get; private set; }

    public string Url => _server.Urls.Single();

    /// <summary>The process ids of indexed events, each once, in order.</summary>
    public IEnumerable<int> Pids => Indexed.Select(PidOf).Distinct().Order();

    public static int PidOf(JsonElement envelope) => envelope.GetProperty("event").GetProperty("pid").GetInt32();

    public static async Task<FakeCollector> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var connections = new ConcurrentDictionary<ConnectionContext, int>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Use(next => async connection =>
            {
                connections.TryAdd(connection, 0);
                await next(connection);
                connections.TryRemove(connection, out _);
            }));
        });
        WebApplication server = builder.Build();
        var fake = new FakeCollector(server, connections);
        server.MapGet("/services/collector/health", context => AnswerAsync(context, fake.Health.Status, fake.Health.Body));
        server.MapPost("/services/collector/event", fake.EventsAsync);
        server.MapPost("/services/collector/ack", fake.AcknowledgementsAsync);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return fake;
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

    /// <summary>Loses what is not indexed and begins to number anew, as a restart does.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            _numbers.Clear();
            _taken.Clear();
        }
    }

    /// <summary>Ends all connections.</summary>
    public void HangUp()
    {
        foreach (ConnectionContext connection in _connections.Keys)
            connection.Abort();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task EventsAsync(HttpContext context)
    {
        int number = Interlocked.Increment(ref _requests);
        if (context.Request.ContentLength is not { } length)
            Complaints.Enqueue("no Content-Length");
        else if (length > MaxBody)
        {
            await AnswerAsync(context, 413, """{"text":"Request entity too large","code":27}""");
            return;
        }
        if (context.Request.Headers.Authorization != "Splunk " + SplunkSinks.Token)
        {
            await AnswerAsync(context, 403, """{"text":"Invalid token","code":4}""");
            return;
        }
        string channel = context.Request.Headers["X-Splunk-Request-Channel"].ToString();
        if (Acknowledges && !Guid.TryParse(channel, out _))
        {
            await AnswerAsync(context, 400, """{"text":"Data channel is missing","code":10}""");
            return;
        }
        using var body = new MemoryStream();
        Stream stream = context.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        await stream.CopyToAsync(body, context.RequestAborted);
        List<JsonElement> events = Parse(body.ToArray());
        Channels.AddOrUpdate(channel, 1, (_, n) => n + 1);
        Misdeed? misdeed = Does(number, events);
        if (misdeed?.Instead is { } instead)
        {
            await instead(context);
            return;
        }
        for (int n = 0; n < events.Count; n++)
        {
            if (Refuses(events[n]) is not { } code)
                continue;
            string which = NumberOf(n) is { } named ? $",\"invalid-event-number\":{named}" : "";
            await AnswerAsync(context, 400, $"{{\"text\":\"refused\",\"code\":{code}{which}}}");
            return;
        }
        string answer = Take(channel, events);
        await (misdeed?.After is { } after ? after(context, answer) : AnswerAsync(context, 200, answer));
    }

    private string Take(string channel, List<JsonElement> events)
    {
        if (!Acknowledges)
        {
            events.ForEach(Indexed.Enqueue);
            return """{"text":"Success","code":0}""";
        }
        lock (_lock)
        {
            long id = _numbers.GetValueOrDefault(channel);
            _numbers[channel] = id + 1;
            _taken.Add((channel, id), events);
            return $"{{\"text\":\"Success\",\"code\":0,\"ackId\":{id}}}";
        }
    }

    private async Task AcknowledgementsAsync(HttpContext context)
    {
        using JsonDocument question = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        List<long> ids = [.. question.RootElement.GetProperty("acks").EnumerateArray().Select(i => i.GetInt64())];
        string channel = context.Request.Query["channel"].ToString();
        int number = Interlocked.Increment(ref _questions);
        if (Says(number) is { } says)
        {
            await AnswerAsync(context, says.Status, says.Body);
            return;
        }
        if (!Acknowledges)
        {
            await AnswerAsync(context, 400, """{"text":"ACK is disabled","code":14}""");
            return;
        }
        var answers = new List<string>();
        lock (_lock)
        {
            MostAsked = Math.Max(MostAsked, ids.Count);
            foreach (long id in ids)
            {
                bool indexed = _taken.ContainsKey((channel, id)) && Indexes(channel, id);
                // Said once, and forgotten.
                if (indexed && _taken.Remove((channel, id), out List<JsonElement>? events))
                    events.ForEach(Indexed.Enqueue);
                answers.Add($"\"{id}\":{(indexed ? "true" : "false")}");
            }
        }
        await AnswerAsync(context, 200, "{\"acks\":{" + string.Join(',', answers) + "}}");
    }

    private List<JsonElement> Parse(byte[] body)
    {
        var events = new List<JsonElement>();
        var json = new Utf8JsonReader(body, new JsonReaderOptions { AllowMultipleValues = true });
        while (json.Read())
        {
            JsonElement envelope = JsonElement.ParseValue(ref json);
            events.Add(envelope);
            if (!PlainDecimal().IsMatch(envelope.GetProperty("time").GetRawText()))
                Complaints.Enqueue("time " + envelope.GetProperty("time").GetRawText());
            if (envelope.GetProperty("fields").EnumerateObject().Any(f => f.Value.ValueKind != JsonValueKind.String))
                Complaints.Enqueue("fields " + envelope.GetProperty("fields").GetRawText());
        }
        return events;
    }

    [GeneratedRegex("^[0-9]+([.][0-9]{1,9})?$")]
    private static partial Regex PlainDecimal();

    /// <summary>What it does instead of its work, or instead of answering behind it.</summary>
    internal sealed record Misdeed(Func<HttpContext, Task>? Instead = null, Func<HttpContext, string, Task>? After = null);
}
