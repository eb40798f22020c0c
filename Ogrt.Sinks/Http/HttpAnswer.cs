using System.Buffers;
using System.Globalization;
using System.Text;

namespace Ogrt.Sinks.Http;

/// <summary>
/// What came of a request. The body lies in pooled memory that is given back by <see cref="Dispose"/>.
/// </summary>
internal sealed class HttpAnswer : IDisposable
{
    private const int MaxExcerpt = 500;

    private byte[]? _buffer;
    private readonly int _length;

    private HttpAnswer(Uri endpoint, HttpAnswerKind kind, int status, string reason, string detail)
    {
        Endpoint = endpoint;
        Kind = kind;
        Status = status;
        Reason = reason;
        Detail = detail;
    }

    private HttpAnswer(Uri endpoint, HttpAnswerKind kind, int status, TimeSpan retryAfter, string? mediaType, byte[] buffer, int length)
        : this(endpoint, kind, status, kind == HttpAnswerKind.TooLong ? "answer_too_long" : ReasonOf(status), "")
    {
        RetryAfter = retryAfter;
        MediaType = mediaType ?? "";
        _buffer = buffer;
        _length = length;
    }

    /// <summary>Who was asked.</summary>
    public Uri Endpoint { get; }

    /// <summary>What it came to.</summary>
    public HttpAnswerKind Kind { get; }

    /// <summary>The status; 0 without an answer.</summary>
    public int Status { get; }

    /// <summary>A short word, fit for a metric's label: ok, http_503, connect_failed.</summary>
    public string Reason { get; }

    /// <summary>What went wrong in words, without secrets; empty where the server answered.</summary>
    public string Detail { get; }

    /// <summary>The least time to wait that the server asked for; zero without.</summary>
    public TimeSpan RetryAfter { get; }

    /// <summary>The type of the body, such as application/json; empty without.</summary>
    public string MediaType { get; } = "";

    /// <summary>The body, or as much of it as was read.</summary>
    public ReadOnlyMemory<byte> Body => _buffer is null ? default : _buffer.AsMemory(0, _length);

    /// <summary>Whether the status says that the request was good.</summary>
    public bool IsSuccess => Kind == HttpAnswerKind.Answered && Status is >= 200 and < 300;

    /// <summary>Whether another endpoint may do better: no answer, or one of a server that cannot at the moment.</summary>
    public bool IsEndpointFailure => Kind == HttpAnswerKind.NoAnswer || Status is 500 or 502 or 503 or 504;

    /// <summary>The status' reason.</summary>
    public static string ReasonOf(int status) =>
        status is >= 200 and < 300 ? "ok" : "http_" + status.ToString(CultureInfo.InvariantCulture);

    /// <summary>One line for an operator: who said what. The beginning of the body is in it, as the server's own words.</summary>
    public string Describe()
    {
        string what = Kind switch
        {
            HttpAnswerKind.Answered => $"answered {Status}",
            HttpAnswerKind.TooLong => $"answered {Status} with more than {_length} bytes",
            _ => Detail,
        };
        string words = Kind == HttpAnswerKind.Answered ? Excerpt() : "";
        string who = Endpoint.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
        return words.Length == 0 ? $"{who}: {what}" : $"{who}: {what}: {words}";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_buffer is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
        _buffer = null;
    }

    internal static HttpAnswer Of(Uri endpoint, int status, TimeSpan retryAfter, string? mediaType, byte[] buffer, int length, bool whole) =>
        new(endpoint, whole ? HttpAnswerKind.Answered : HttpAnswerKind.TooLong, status, retryAfter, mediaType, buffer, length);

    internal static HttpAnswer None(Uri endpoint, string reason, string detail) =>
        new(endpoint, HttpAnswerKind.NoAnswer, 0, reason, detail);

    internal static HttpAnswer Misconfigured(Uri endpoint, string reason, string detail) =>
        new(endpoint, HttpAnswerKind.Misconfigured, 0, reason, detail);

    private string Excerpt()
    {
        ReadOnlySpan<byte> body = Body.Span;
        string text = Encoding.UTF8.GetString(body.Length <= MaxExcerpt ? body : body[..MaxExcerpt]);
        var line = new StringBuilder(text.Length);
        foreach (char c in text)
            line.Append(char.IsControl(c) ? ' ' : c);
        if (body.Length > MaxExcerpt)
            line.Append('…');
        return line.ToString().Trim();
    }
}
