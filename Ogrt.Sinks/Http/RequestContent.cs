using System.Net;
using System.Net.Http.Headers;

namespace Ogrt.Sinks.Http;

/// <summary>
/// A <see cref="RequestBody"/> as the content of one request. Its length is known, so that it is sent with Content-Length and
/// not in chunks, which OpenSearch cannot parse efficiently (its documentation of the bulk API, "HTTP chunking").
/// </summary>
internal sealed class RequestContent : HttpContent
{
    private readonly RequestBody _body;

    public RequestContent(RequestBody body, MediaTypeHeaderValue type)
    {
        _body = body;
        Headers.ContentType = type;
        if (body.IsGzip)
            Headers.ContentEncoding.Add("gzip");
    }

    /// <summary>Whether all of it has been written to a connection.</summary>
    public bool WasWritten { get; private set; }

    /// <summary>Whether the head of the answer is there.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>The connection that it was written to last; null while none of it was.</summary>
    public EarlyAnswerStream? Connection { get; set; }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!_body.TryLease())
            throw new IOException("The request is over; its bytes are not to be read any more.");
        EarlyAnswerStream.Enter(this);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _body.Aborted);
            WasWritten = false;
            foreach (ReadOnlyMemory<byte> segment in _body.Segments)
                await stream.WriteAsync(segment, either.Token).ConfigureAwait(false);
            WasWritten = true;
        }
        finally
        {
            _body.Return();
        }
    }
}
