using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Ogrt.Sinks.Endpoints;

namespace Ogrt.Sinks.Http;

/// <summary>
/// One server of a target with its own connections and circuit: no proxy, no redirects, no cookies unless asked for, no
/// Expect, HTTP/1.1. Safe for concurrent use.
/// </summary>
internal sealed class HttpEndpoint : IEndpoint, IDisposable
{
    // A server that asks for more than this is not asked to wait that long: somebody may have mended it meanwhile.
    private static readonly TimeSpan MostRetryAfter = TimeSpan.FromMinutes(10);
    private const int FirstAnswerBytes = 16 * 1024;

    private readonly HttpTargetSettings _settings;
    private readonly HttpCredentials _credentials;
    private readonly HttpTls? _tls;
    private readonly int _maxConnections;
    private readonly string _basePath;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private HttpMessageInvoker? _invoker;
    private (FileStamp, FileStamp, FileStamp) _tlsStamp;
    private long _hangUps;
    private int _inFlight;
    private bool _disposed;

    public HttpEndpoint(
        Uri uri, HttpTargetSettings settings, HttpCredentials credentials, HttpTls tls, int maxConnections, TimeProvider time)
    {
        Uri = uri;
        Name = uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
        _settings = settings;
        _credentials = credentials;
        _tls = uri.Scheme == Uri.UriSchemeHttps ? tls : null;
        _maxConnections = maxConnections;
        _basePath = uri.AbsolutePath.TrimEnd('/');
        _time = time;
        Circuit = new Circuit(settings.CircuitFailures, settings.CircuitMin, settings.CircuitMax, time);
    }

    /// <summary>Where it is.</summary>
    public Uri Uri { get; }

    /// <summary>Scheme, host and port: its label in metrics.</summary>
    public string Name { get; }

    /// <summary>Whether it is left alone.</summary>
    public Circuit Circuit { get; }

    /// <summary>Its counters.</summary>
    public EndpointMetrics Metrics { get; } = new();

    /// <summary>Requests without an answer.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>How often the server has ended a connection.</summary>
    public long HangUps => Interlocked.Read(ref _hangUps);

    /// <summary>Sends a request and reads the whole answer. What fails is an answer, too; the circuit hears of it.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled: the outcome is unknown.</exception>
    public async Task<HttpAnswer> SendAsync(HttpCall call, CircuitPermit permit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _inFlight);
        string code = "cancelled";
        bool heard = false;
        HttpAnswer? answer = null;
        KeyValuePair<string, string>? header = call.Exchange?.Begin(this);
        try
        {
            answer = await ExchangeAsync(call, header, cancellationToken).ConfigureAwait(false);
            code = answer.Status > 0 ? answer.Status.ToString(CultureInfo.InvariantCulture) : answer.Reason;
            heard = !answer.IsEndpointFailure;
            return answer;
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
            Metrics.Ended(code);
            call.Exchange?.End(answer);
            // No answer within the caller's time is a failure of the endpoint like any other.
            if (heard)
                Circuit.Succeeded(permit);
            else
                Circuit.Failed(permit);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _invoker?.Dispose();
        }
    }

    private void HungUp() => Interlocked.Increment(ref _hangUps);

    private async Task<HttpAnswer> ExchangeAsync(HttpCall call, KeyValuePair<string, string>? header, CancellationToken cancellationToken)
    {
        HttpMessageInvoker invoker;
        AuthenticationHeaderValue? authorization;
        try
        {
            authorization = _credentials.Header();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return HttpAnswer.Misconfigured(Uri, "secret_unreadable", e.Message);
        }
        try
        {
            invoker = Invoker();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return HttpAnswer.Misconfigured(Uri, "certificate_unreadable", e.Message);
        }

        using var request = new HttpRequestMessage(call.Method, new Uri(Uri, _basePath + call.PathAndQuery))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Authorization = authorization;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        foreach ((string name, string value) in call.Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (header is { } own)
            request.Headers.TryAddWithoutValidation(own.Key, own.Value);
        RequestContent? content = call.Body is null ? null : new RequestContent(call.Body, call.ContentType!);
        request.Content = content;
        Metrics.Sent(call.Body?.RawLength ?? 0, call.Body?.Length ?? 0);
        try
        {
            using HttpResponseMessage response = await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
            content?.IsAnswered = true;
            return await ReadAsync(response, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or InvalidDataException)
        {
            return HttpFailures.ToAnswer(Uri, e, content?.WasWritten ?? true);
        }
        finally
        {
            // The server still waits for the rest of that request: nothing else may be sent there.
            if (content?.Connection is { WasCut: true } connection)
                await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    // The invoker gives the response out with its headers (as ResponseHeadersRead does), so that the body is read once, here.
    private async Task<HttpAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstAnswerBytes);
        int length = 0;
        bool whole = false;
        try
        {
            Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                while (length <= _settings.MaxAnswerBytes)
                {
                    if (length == buffer.Length)
                        buffer = Grow(buffer, length);
                    int read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                    if (read == 0)
                    {
                        whole = true;
                        break;
                    }
                    length += read;
                }
            }
            return HttpAnswer.Of(
                Uri, (int)response.StatusCode, RetryAfter(response.Headers.RetryAfter), response.Content.Headers.ContentType?.MediaType,
                buffer, length, whole);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private TimeSpan RetryAfter(RetryConditionHeaderValue? header)
    {
        TimeSpan wait = header?.Delta ?? (header?.Date is { } date ? date - _time.GetUtcNow() : TimeSpan.Zero);
        return wait <= TimeSpan.Zero ? TimeSpan.Zero : wait > MostRetryAfter ? MostRetryAfter : wait;
    }

    private HttpMessageInvoker Invoker()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            (FileStamp, FileStamp, FileStamp) stamp = _tls?.Stamp ?? default;
            if (_invoker is not null && stamp == _tlsStamp)
                return _invoker;
            HttpMessageInvoker made;
            try
            {
                made = new HttpMessageInvoker(Handler(), disposeHandler: true);
            }
            catch (Exception e) when (_invoker is not null && e is IOException or UnauthorizedAccessException)
            {
                // Somebody is exchanging the files just now: the old ones may still be good.
                return _invoker;
            }
            // Requests under way keep their connections; these are closed when they come back.
            _invoker?.Dispose();
            _invoker = made;
            _tlsStamp = stamp;
            return made;
        }
    }

    private SocketsHttpHandler Handler()
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionLifetime = _settings.ConnectionLifetime,
            PooledConnectionIdleTimeout = _settings.ConnectionIdleTimeout,
            MaxConnectionsPerServer = _maxConnections,
            ConnectTimeout = _settings.ConnectTimeout,
            AutomaticDecompression = DecompressionMethods.GZip,
            UseCookies = _settings.UseCookies,
            UseProxy = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            PlaintextStreamFilter = (context, _) => ValueTask.FromResult<Stream>(new EarlyAnswerStream(context.PlaintextStream, HungUp)),
        };
        if (_tls is not null)
            handler.SslOptions = _tls.Options();
        return handler;
    }
}
