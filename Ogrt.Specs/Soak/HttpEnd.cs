using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Ogrt.Specs.EndToEnd;

namespace Ogrt.Specs.Soak;

/// <summary>
/// An end of the run's own that speaks HTTP, keeps what it takes in memory, and has the faults of real ones. Killed, it breaks all
/// connections off and keeps what it had taken, whether or not its answer had gone out; its port stays the same.
/// </summary>
/// <param name="address">Where it listens; the loopback by default.</param>
internal abstract class HttpEnd(IPAddress? address = null) : SoakTarget
{
    // Late, and within what the sink waits for.
    private static readonly TimeSpan Slowness = TimeSpan.FromMilliseconds(150);

    private readonly IPAddress _address = address ?? IPAddress.Loopback;
    private readonly int _port = ServerProcess.FreePort();
    private readonly Lock _lock = new();
    private WebApplication? _server;
    private FaultKind? _fault;
    private TaskCompletionSource _over = new();
    private int _felt;
    private long _requests;

    /// <summary>Where it is.</summary>
    public string Url => $"http://{_address}:{_port}";

    /// <inheritdoc/>
    public override IReadOnlyList<FaultKind> Faults =>
    [
        FaultKind.TargetKilled, FaultKind.Full, FaultKind.FullForItems, FaultKind.ReadOnly, FaultKind.Slow, FaultKind.BlackHole, FaultKind.Resets,
        FaultKind.Garbage,
    ];

    /// <summary>A killed server does not feel anything.</summary>
    public override int? Felt => _fault == FaultKind.TargetKilled ? null : Volatile.Read(ref _felt);

    /// <summary>Starts it.</summary>
    public async Task StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(_address, _port);
        });
        WebApplication server = builder.Build();
        Map(server);
        await server.StartAsync();
        _server = server;
    }

    /// <inheritdoc/>
    public override async Task BeginAsync(FaultKind fault)
    {
        lock (_lock)
        {
            (_fault, _felt, _over) = (fault, 0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        if (fault == FaultKind.TargetKilled)
            await KillAsync();
    }

    /// <inheritdoc/>
    public override async Task EndAsync()
    {
        FaultKind? fault;
        lock (_lock)
        {
            (fault, _fault) = (_fault, null);
            _over.TrySetResult();
        }
        if (fault == FaultKind.TargetKilled)
            await StartAsync();
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _over.TrySetResult();
        await KillAsync();
        await base.DisposeAsync();
    }

    /// <summary>Says what is answered where.</summary>
    protected abstract void Map(WebApplication server);

    /// <summary>Takes the records of a request, those that <paramref name="refuses"/> lets pass, and makes the answer.</summary>
    /// <param name="body">The request's body, decoded.</param>
    /// <param name="refuses">The fault that items have, by their place; null for none.</param>
    protected abstract (int Status, string Body) Take(byte[] body, Func<int, FaultKind?> refuses);

    /// <summary>The answer to every request while it is full or read-only.</summary>
    protected abstract (int Status, string Body) Refusal(FaultKind fault);

    /// <summary>A request with records.</summary>
    protected async Task ReceiveAsync(HttpContext context)
    {
        FaultKind? fault;
        Task over;
        lock (_lock)
        {
            (fault, over) = (_fault, _over.Task);
            if (fault is not null)
                _felt++;
        }
        long number = Interlocked.Increment(ref _requests);
        if (fault == FaultKind.BlackHole)
        {
            await over.WaitAsync(context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.Abort();
            return;
        }
        if (fault == FaultKind.Resets && number % 3 == 0)
        {
            // In the middle of the body.
            await context.Request.Body.ReadAtLeastAsync(new byte[100], 100, throwOnEndOfStream: false, context.RequestAborted);
            Reset(context);
            return;
        }
        using var body = new MemoryStream();
        await using (Stream stream = context.Request.Headers.ContentEncoding == "gzip"
            ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body)
            await stream.CopyToAsync(body, context.RequestAborted);
        if (fault == FaultKind.Full || (fault == FaultKind.ReadOnly && number % 2 == 0))
        {
            (int refused, string why) = Refusal(fault.Value);
            await AnswerAsync(context, refused, why);
            return;
        }
        if (fault == FaultKind.Slow)
            await Task.Delay(Slowness, context.RequestAborted);
        (int status, string answer) = Take(body.ToArray(), item => fault switch
        {
            FaultKind.FullForItems when (item + number) % 3 != 0 => FaultKind.FullForItems,
            FaultKind.ReadOnly => FaultKind.ReadOnly,
            _ => null,
        });
        switch (fault)
        {
            case FaultKind.Resets when number % 3 == 1:
                Reset(context);
                return;
            case FaultKind.Garbage when number % 3 != 0:
                await AnswerAsync(context, status, number % 3 == 1 ? answer[..(answer.Length / 2)] : "<html>welcome</html>");
                return;
            default:
                await AnswerAsync(context, status, answer);
                return;
        }
    }

    /// <summary>Answers with JSON.</summary>
    protected static Task AnswerAsync(HttpContext context, int status, string body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    private static void Reset(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>() is { } socket)
            socket.Socket.LingerState = new System.Net.Sockets.LingerOption(true, 0);
        context.Abort();
    }

    private async Task KillAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is not { } server)
            return;
        // A stop that may not take any time breaks all connections off.
        await server.StopAsync(new CancellationToken(canceled: true));
        await server.DisposeAsync();
    }
}
