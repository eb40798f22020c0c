using Ogrt.Sinks.Endpoints;

namespace Ogrt.Sinks.Http;

/// <summary>
/// The servers of one sink. A request goes to the one with the fewest requests under way among those whose circuit is
/// closed; where it gets no answer, or one of a server that cannot at the moment, it goes to the next at once, so that a
/// dead node costs no pause. Deciding what an answer means, and waiting, is left to the sink and its delivery. See
/// docs/sinks-http.md.
/// </summary>
internal sealed class HttpTarget : ITarget, IDisposable
{
    private readonly HttpEndpoint[] _endpoints;
    private readonly EndpointChoice _choice;

    /// <summary>Makes the endpoints; nothing is read or connected before the first request.</summary>
    /// <param name="sink">The sink's name: the label of its series.</param>
    /// <param name="settings">Where and how.</param>
    /// <param name="pathOf">Makes full paths of those of files.</param>
    /// <param name="maxConnections">Requests to one endpoint at the same time.</param>
    /// <param name="time">The clock; a spec brings its own.</param>
    public HttpTarget(string sink, HttpTargetSettings settings, Func<string, string> pathOf, int maxConnections, TimeProvider? time = null)
    {
        Sink = sink;
        Settings = settings;
        var credentials = new HttpCredentials(
            settings.Authentication, settings.Username, settings.SecretFile.Length == 0 ? "" : pathOf(settings.SecretFile));
        var tls = new HttpTls(settings.Tls, pathOf);
        _endpoints = [.. settings.Endpoints.Select(e => new HttpEndpoint(e, settings, credentials, tls, maxConnections, time ?? TimeProvider.System))];
        _choice = new EndpointChoice(_endpoints);
        EndpointInstruments.Register(this);
    }

    /// <summary>The sink's name.</summary>
    public string Sink { get; }

    /// <summary>Where and how.</summary>
    public HttpTargetSettings Settings { get; }

    /// <summary>The servers.</summary>
    public IReadOnlyList<HttpEndpoint> Endpoints => _endpoints;

    IReadOnlyList<IEndpoint> ITarget.Endpoints => _endpoints;

    /// <summary>
    /// Sends a request to the endpoint that suits best, and to the next one where that fails. The body is written several
    /// times then: it must be idempotent, or the target one that lives with repetitions.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled: the outcome is unknown.</exception>
    public async Task<HttpAnswer> SendAsync(HttpCall call, CancellationToken cancellationToken)
    {
        bool[]? tried = null;
        while (true)
        {
            (int chosen, CircuitPermit permit) = _choice.Next(tried);
            HttpAnswer answer = await _endpoints[chosen].SendAsync(call, permit, cancellationToken).ConfigureAwait(false);
            if (!answer.IsEndpointFailure || _endpoints.Length == 1)
                return answer;
            tried ??= new bool[_endpoints.Length];
            tried[chosen] = true;
            if (!_choice.HasAnother(tried))
                return answer;
            answer.Dispose();
        }
    }

    /// <summary>Sends a request to one endpoint, for what only that one can answer.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled: the outcome is unknown.</exception>
    public static Task<HttpAnswer> SendToAsync(HttpEndpoint endpoint, HttpCall call, CancellationToken cancellationToken) =>
        endpoint.SendAsync(call, endpoint.Circuit.TryEnter() ?? new CircuitPermit(IsProbe: false, IsForced: true), cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        EndpointInstruments.Unregister(this);
        foreach (HttpEndpoint endpoint in _endpoints)
            endpoint.Dispose();
    }
}
