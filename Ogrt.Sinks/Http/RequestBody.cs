using System.IO.Compression;

namespace Ogrt.Sinks.Http;

/// <summary>
/// The bytes of a request: pieces of memory that a caller lends, or chunks that they were compressed into. A request may be
/// written to a connection several times (a connection that turned out dead, another endpoint), and its answer may come
/// while it is still being written; so whoever writes holds a lease, and <see cref="DisposeAsync"/> ends only when there is
/// none left. Until then the lent memory must stay as it is, after it nobody reads it.
/// </summary>
internal sealed class RequestBody : IAsyncDisposable
{
    // zlib's fastest: higher levels cost more than everything else that is done with a record (docs/sinks-http.md).
    private static readonly ZLibCompressionOptions Level = new() { CompressionLevel = 1 };

    private readonly Lock _lock = new();
    private readonly List<ReadOnlyMemory<byte>> _segments = [];
    private readonly CancellationTokenSource _abort = new();
    private ChunkedBuffer? _compressed;
    private TaskCompletionSource? _released;
    private int _leases;
    private bool _closed;

    /// <summary>Bytes that are sent.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes before compression.</summary>
    public long RawLength { get; private set; }

    /// <summary>Whether it is compressed with gzip.</summary>
    public bool IsGzip => _compressed is not null;

    /// <summary>Cancelled when nobody is to write any more.</summary>
    public CancellationToken Aborted => _abort.Token;

    /// <summary>The bytes in order. To be read under a lease.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Segments => _segments;

    /// <summary>Who writes at this moment.</summary>
    public int Leases
    {
        get
        {
            lock (_lock)
                return _leases;
        }
    }

    /// <summary>Adds a piece of lent memory, before the first request.</summary>
    public void Add(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        _segments.Add(bytes);
        Length += bytes.Length;
        RawLength += bytes.Length;
    }

    /// <summary>Replaces what was added by the same compressed, before the first request.</summary>
    public void Compress()
    {
        var compressed = new ChunkedBuffer();
        using (var gzip = new GZipStream(compressed, Level, leaveOpen: true))
        {
            foreach (ReadOnlyMemory<byte> segment in _segments)
                gzip.Write(segment.Span);
        }
        _segments.Clear();
        _segments.AddRange(compressed.Segments);
        Length = compressed.Length;
        _compressed = compressed;
    }

    /// <summary>Takes a lease, which <see cref="Return"/> gives back; false when the body is not to be read any more.</summary>
    public bool TryLease()
    {
        lock (_lock)
        {
            if (_closed)
                return false;
            _leases++;
            return true;
        }
    }

    /// <summary>Gives a lease back.</summary>
    public void Return()
    {
        lock (_lock)
        {
            if (--_leases == 0 && _closed)
                _released?.TrySetResult();
        }
    }

    /// <summary>Tells writers to stop and waits until the last one has.</summary>
    public async ValueTask DisposeAsync()
    {
        Task released = Task.CompletedTask;
        lock (_lock)
        {
            if (_closed)
                return;
            _closed = true;
            if (_leases > 0)
            {
                _released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                released = _released.Task;
            }
        }
        await _abort.CancelAsync().ConfigureAwait(false);
        await released.ConfigureAwait(false);
        if (_compressed is not null)
            await _compressed.DisposeAsync().ConfigureAwait(false);
        _abort.Dispose();
    }
}
