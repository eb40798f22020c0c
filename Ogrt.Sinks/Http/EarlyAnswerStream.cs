namespace Ogrt.Sinks.Http;

/// <summary>
/// A connection that hears an answer which comes while a request is still being written. <see cref="SocketsHttpHandler"/>
/// does not: it writes the whole body before it reads, so that a server which says 413 and reads no further would block it
/// for ever, and one which then closes would leave it with a reset and without the status. Here a write that has to wait
/// also reads; when the answer comes first, the rest of the request is dropped and the handler goes on to read the answer.
/// The connection is of no use after that: <see cref="WasCut"/> tells its owner to end it.
/// </summary>
/// <param name="inner">The connection.</param>
/// <param name="hungUp">Told when the server ends it, and not when its owner does.</param>
/// <remarks>
/// One reader and one writer at a time, as <see cref="SocketsHttpHandler"/> has them. A write has ended in the stream below
/// when it ends here, also when it was dropped: nobody reads its memory any more.
/// </remarks>
internal sealed class EarlyAnswerStream(Stream inner, Action? hungUp = null) : Stream
{
    // An answer to a bulk request has a few dozen bytes an item; more is read in pieces.
    private const int BufferSize = 16 * 1024;

    private static readonly AsyncLocal<RequestContent?> Writer = new();

    private readonly Lock _lock = new();
    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly CancellationTokenSource _cut = new();
    private Task? _reading;
    private int _start;
    private int _count;
    private bool _ended;
    private RequestContent? _cutRequest;
    private volatile bool _wasCut;
    private volatile bool _disposed;
    private int _told;

    /// <summary>Whether the rest of a request was dropped.</summary>
    public bool WasCut => _wasCut;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Says that what this flow of control writes from now on is the body of a request.</summary>
    public static void Enter(RequestContent content) => Writer.Value = content;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await StartReading().WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            // A read of nothing only waits for data: SocketsHttpHandler looks after idle connections with it.
            int count = Math.Min(buffer.Length, _count);
            _buffer.AsSpan(_start, count).CopyTo(buffer.Span);
            _start += count;
            _count -= count;
            if (_count == 0 && !_ended)
                _reading = null;
            return count;
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        RequestContent? request = Writer.Value;
        if (request is not null)
            request.Connection = this;
        if (_wasCut)
        {
            Drop(buffer.Span, request);
            return;
        }
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cut.Token);
        ValueTask pending = WriteInnerAsync(buffer, either.Token);
        if (request is null || pending.IsCompletedSuccessfully)
        {
            await pending.ConfigureAwait(false);
            return;
        }
        Task write = pending.AsTask();
        Task read = StartReading();
        try
        {
            if (await Task.WhenAny(write, read).ConfigureAwait(false) == write || !HasAnswer())
            {
                await write.ConfigureAwait(false);
                return;
            }
        }
        catch (Exception e) when (e is IOException && !cancellationToken.IsCancellationRequested)
        {
            // Broken off by the other end: with an answer before it, or without. Either is known at once.
            await read.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!HasAnswer())
                throw;
        }
        _cutRequest = request;
        _wasCut = true;
        await _cut.CancelAsync().ConfigureAwait(false);
        await write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _wasCut ? Task.CompletedTask : inner.FlushAsync(cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>What has been written to a connection that was cut belongs to the cut request, or to one that must not be lost.</summary>
    private void Drop(ReadOnlySpan<byte> bytes, RequestContent? request)
    {
        // The handler writes a tail of the body from its own buffer; after the answer it is another request's beginning.
        bool isTail = request == _cutRequest || (request is null && _cutRequest is { IsAnswered: false } && !BeginsRequest(bytes));
        if (!isTail)
            throw new IOException("The connection ended with an answer to a request that was not sent to its end.");
    }

    private static bool BeginsRequest(ReadOnlySpan<byte> bytes) => bytes.StartsWith("POST /"u8) || bytes.StartsWith("GET /"u8);

    /// <summary>Whether there is an answer; an interim one (100, 102, 103) says nothing yet.</summary>
    private bool HasAnswer()
    {
        lock (_lock)
        {
            ReadOnlySpan<byte> bytes = _buffer.AsSpan(_start, _count);
            return bytes.Length > 0 && !bytes.StartsWith("HTTP/1.1 1"u8);
        }
    }

    private Task StartReading()
    {
        lock (_lock)
            return _reading ??= ReadInnerAsync();
    }

    // Whoever of the writer and the reader sees it first tells of it: the connection is closed soon after.
    private bool IsHangUp() => hungUp is not null && !_wasCut && !_disposed && Interlocked.Exchange(ref _told, 1) == 0;

    private async ValueTask WriteInnerAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException) when (IsHangUp())
        {
            hungUp!();
            throw;
        }
    }

    private async Task ReadInnerAsync()
    {
        // Not under the caller's lock: the read may end at once.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        int read;
        try
        {
            read = await inner.ReadAsync(_buffer, CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException) when (IsHangUp())
        {
            hungUp!();
            throw;
        }
        if (read == 0 && IsHangUp())
            hungUp!();
        lock (_lock)
        {
            _start = 0;
            _count = read;
            _ended = read == 0;
        }
    }
}
