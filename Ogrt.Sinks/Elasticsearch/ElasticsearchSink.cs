using System.Globalization;
using System.Net.Http.Headers;
using Akka.Event;
using Ogrt.Journal;
using Ogrt.Sinks.Http;

namespace Ogrt.Sinks.Elasticsearch;

/// <summary>The sink for Elasticsearch and OpenSearch: bulk requests over HTTP. docs/sinks-elasticsearch.md tells about it.</summary>
internal sealed class ElasticsearchSink : ISink
{
    // An element all of whose fields are filtered away vanishes from the array, and the positions with it: the status is in
    // every item, so that none does.
    private const string Filter = "filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_store";

    private static readonly MediaTypeHeaderValue Ndjson = new("application/x-ndjson");

    private readonly ElasticsearchSettings _settings;
    private readonly SinkContext _context;
    private readonly BulkEncoder _encoder;
    private readonly HttpTarget _target;
    private readonly string _bulk;
    private long _inFailureStore;

    public ElasticsearchSink(SinkSettings sink, ElasticsearchSettings settings, SinkContext context)
    {
        Name = sink.Name;
        _settings = settings;
        _context = context;
        _encoder = new BulkEncoder(settings, context.Cluster);
        // Two beside the batches: for the first question and for one that is given up.
        _target = new HttpTarget(sink.Name, settings.Http, context.PathOf, sink.MaxInFlight + 2);
        // How long the server waits for a shard that is away before it says so of the items. It must not be us who give up first: no
        // answer at all would speak against the records (docs/sinks.md).
        long wait = (long)Math.Clamp(sink.SendTimeout.TotalMilliseconds / 2, 1, 60_000);
        _bulk = string.Create(CultureInfo.InvariantCulture, $"/_bulk?{Filter}&timeout={wait}ms") + (settings.Pipeline.Length == 0 ? "" : "&pipeline=" + Uri.EscapeDataString(settings.Pipeline));
        ElasticsearchInstruments.Register(this);
    }

    /// <summary>The sink's name.</summary>
    public string Name { get; }

    /// <summary>Documents that a failure store took.</summary>
    public long InFailureStore => Interlocked.Read(ref _inFailureStore);

    /// <summary>The servers.</summary>
    internal HttpTarget Target => _target;

    public async ValueTask<SinkVerdict> OpenAsync(CancellationToken cancellationToken)
    {
        using HttpAnswer answer = await _target.SendAsync(new HttpCall(HttpMethod.Get, "/"), cancellationToken).ConfigureAwait(false);
        // A user with no other right than to write gets 403 here, and a proxy may know only the one path: only what would
        // hinder a bulk request as well hinders the sink.
        if (answer.Kind != HttpAnswerKind.Answered || answer.Status is 401 or 429 or >= 500)
            return HttpVerdicts.Of(answer);
        if (answer.IsSuccess && ServerInfo.Read(answer.Body.Span) is { } server)
        {
            _context.Log.Info("Sink {0} writes to {1} at {2}", Name, server, answer.Endpoint.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped));
            if (!server.IsKnown)
                _context.Log.Warning("Sink {0}: {1} is older than what it was made for (7.10)", Name, server);
            await LookForTemplateAsync(cancellationToken).ConfigureAwait(false);
        }
        return SinkVerdict.Delivered;
    }

    public EncodeResult Encode(in JournalRecord record, BatchBuffer output) => _encoder.Encode(record, output);

    public async ValueTask<SinkVerdict> SendAsync(SinkAttempt attempt, CancellationToken cancellationToken)
    {
        var body = new RequestBody();
        // Its end is that of the last reader of the batch's memory.
        await using (body.ConfigureAwait(false))
        {
            Fill(body, attempt);
            if (_settings.Http.Gzip)
                body.Compress();
            var call = new HttpCall(HttpMethod.Post, _bulk) { Body = body, ContentType = Ndjson };
            using HttpAnswer answer = await _target.SendAsync(call, cancellationToken).ConfigureAwait(false);
            (SinkVerdict verdict, int inFailureStore) = BulkOutcome.Of(answer, attempt);
            if (inFailureStore > 0)
                Interlocked.Add(ref _inFailureStore, inFailureStore);
            return verdict;
        }
    }

    public ValueTask DisposeAsync()
    {
        ElasticsearchInstruments.Unregister(this);
        _target.Dispose();
        return ValueTask.CompletedTask;
    }

    // Without its template a server guesses types: the sink works, and the dashboards do not.
    private async Task LookForTemplateAsync(CancellationToken cancellationToken)
    {
        using HttpAnswer answer = await _target.SendAsync(
            new HttpCall(HttpMethod.Get, "/_index_template/" + _settings.ProcessIndex), cancellationToken).ConfigureAwait(false);
        if (answer.Status == 404)
        {
            _context.Log.Warning(
                "Sink {0}: the server has no index template {1}, so that it guesses how to index. 'ogrt-server setup elasticsearch --sink {0}' shows what is missing",
                Name, _settings.ProcessIndex);
        }
    }

    // Pieces that lie one behind the other go as one.
    private static void Fill(RequestBody body, SinkAttempt attempt)
    {
        for (int item = 0; item < attempt.Count;)
        {
            int last = item;
            while (last + 1 < attempt.Count && attempt.IndexOf(last + 1) == attempt.IndexOf(last) + 1)
                last++;
            body.Add(attempt.Batch.EncodedRange(attempt.IndexOf(item), attempt.IndexOf(last)));
            item = last + 1;
        }
    }
}
