using Ogrt.Journal;
using Ogrt.Sinks.Endpoints;
using Ogrt.Sinks.Http;
using Ogrt.Sinks.JsonLines;

namespace Ogrt.Sinks.JsonTcp;

/// <summary>
/// The sink of JSON lines over TCP. A batch goes to the end with the fewest under way, and to the next at once where that
/// fails. docs/sinks-json.md tells about it.
/// </summary>
internal sealed class JsonTcpSink : ISink, ITarget
{
    private readonly JsonTcpSettings _settings;
    private readonly JsonLineEncoder _encoder;
    private readonly TcpEndpoint[] _endpoints;
    private readonly EndpointChoice _choice;

    public JsonTcpSink(string name, JsonTcpSettings settings, SinkContext context, TimeProvider? time = null)
    {
        Sink = name;
        _settings = settings;
        _encoder = new JsonLineEncoder(settings.Lines, context.Cluster);
        HttpTls? tls = settings.UseTls ? new HttpTls(settings.Tls, context.PathOf) : null;
        _endpoints = [.. settings.Endpoints.Select(e => new TcpEndpoint(e, settings, tls, time ?? TimeProvider.System))];
        _choice = new EndpointChoice(_endpoints);
        EndpointInstruments.Register(this);
    }

    public string Sink { get; }

    public IReadOnlyList<TcpEndpoint> Endpoints => _endpoints;

    IReadOnlyList<IEndpoint> ITarget.Endpoints => _endpoints;

    // An end that is not there when the server starts is one that is not there later: the first batch finds out.
    public ValueTask<SinkVerdict> OpenAsync(CancellationToken cancellationToken) => ValueTask.FromResult(SinkVerdict.Delivered);

    public EncodeResult Encode(in JournalRecord record, BatchBuffer output)
    {
        int begin = output.Length;
        EncodeResult result = _encoder.Encode(record, output);
        if (_settings.MaxLineBytes == 0 || output.Length - begin <= _settings.MaxLineBytes)
            return result;
        output.Truncate(begin);
        return EncodeResult.Refused("line_too_long");
    }

    public async ValueTask<SinkVerdict> SendAsync(SinkAttempt attempt, CancellationToken cancellationToken)
    {
        bool[]? tried = null;
        while (true)
        {
            (int chosen, CircuitPermit permit) = _choice.Next(tried);
            SinkVerdict verdict = await _endpoints[chosen].SendAsync(attempt, permit, cancellationToken).ConfigureAwait(false);
            if (verdict.Kind == SinkVerdictKind.Delivered || _endpoints.Length == 1)
                return verdict;
            tried ??= new bool[_endpoints.Length];
            tried[chosen] = true;
            if (!_choice.HasAnother(tried))
                return verdict;
        }
    }

    public async ValueTask DisposeAsync()
    {
        EndpointInstruments.Unregister(this);
        foreach (TcpEndpoint endpoint in _endpoints)
            await endpoint.DisposeAsync().ConfigureAwait(false);
    }
}
