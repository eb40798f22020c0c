using System.Net;
using System.Net.Sockets;
using Ogrt.Journal;

namespace Ogrt.Specs.EndToEnd;

/// <summary>A sink whose target is away costs disk and nothing else. `Ogrt.Bench -- backlog` measures the same at length.</summary>
public sealed class BacklogSpec : IDisposable
{
    // Distinct processes, so that the job's tree has its size after the first of them.
    private const int Processes = 100, FrameBytes = 2000;

    // A target that is there for the kernel alone: connections come about, and nobody reads or answers.
    private readonly Socket _silent = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public BacklogSpec() => _silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string[] Sink =>
    [
        "ogrt.sinks.local.enabled=off", "ogrt.sinks.es.type=elasticsearch", "ogrt.sinks.es.enabled=on",
        $"ogrt.sinks.es.endpoints=http://127.0.0.1:{((IPEndPoint)_silent.LocalEndPoint!).Port}",
    ];

    public void Dispose() => _silent.Dispose();

    [Fact]
    public async Task Memory_does_not_grow_with_the_backlog_of_a_target_that_is_away()
    {
        // Bound and not listening: it refuses.
        await using ServerProcess server = await ServerProcess.StartAsync(Sink, Cancellation);
        // Code that is compiled, buffers and batches at their full size, the heap at what the load asks of it.
        await SendAsync(server, 60_000);
        (double memory, double journal) = await SettledAsync(server, 60_000);
        await SendAsync(server, 150_000);
        (double memoryAfter, double journalAfter) = await SettledAsync(server, 210_000);
        double grown = (journalAfter - journal) / (1 << 20);
        Assert.True(grown > 250, $"{grown} MiB of backlog are none to speak of.");
        Assert.True(memoryAfter - memory < grown / 2, $"{memory:F0} MiB became {memoryAfter:F0} while the backlog grew by {grown:F0} MiB.");
        Assert.True((await server.MetricsAsync(Cancellation))["ogrt_sink_lag_events"] >= 210_000);
    }

    [Fact]
    public async Task A_stop_waits_for_no_target_that_is_silent_and_leaves_its_backlog_in_the_journal()
    {
        _silent.Listen(16);
        await using ServerProcess server = await ServerProcess.StartAsync(
            [.. Sink, "ogrt.shutdown.flush-timeout=1 h", "ogrt.shutdown.timeout=3 h", "ogrt.sinks.es.stop-timeout=1 h", "ogrt.sinks.es.send-timeout=1 h"], Cancellation);
        await SendAsync(server, 20_000);
        await SettledAsync(server, 20_000);
        // It fails after a minute, where the time-outs are hours.
        Assert.Equal(0, await server.StopAsync(Cancellation));
        JournalReport report = JournalInspector.Verify(Path.Combine(server.DataDirectory.FullName, "journal"), cancellationToken: Cancellation);
        Assert.True(report.IsGood);
        Assert.Equal(0, report.Cursors.Single(c => c.Name == "sink-es").Sequence);
        Assert.True(report.Records >= 20_000);
    }

    private static async Task SendAsync(ServerProcess server, int count)
    {
        byte[] bytes = Ingest.Frames.Concat(Enumerable.Range(0, Processes).Select(n => Ingest.Frames.Process(1000 + n, FrameBytes)));
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", server.Port, Cancellation);
        for (int sent = 0; sent < count; sent += Processes)
        {
            for (int at = 0; at < bytes.Length;)
                at += await socket.SendAsync(bytes.AsMemory(at), Cancellation);
        }
        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1], Cancellation));
    }

    /// <summary>Waits until so many frames are accepted and the jobs have them.</summary>
    /// <returns>The resident set in MiB, and the journal's size in bytes.</returns>
    private static async Task<(double Memory, double Journal)> SettledAsync(ServerProcess server, int frames)
    {
        IReadOnlyDictionary<string, double> series = await server.UntilAsync(
            () => server.SeriesAsync(Cancellation),
            s => s.Where(m => m.Key.StartsWith("ogrt_ingest_frames_total", StringComparison.Ordinal)).Sum(m => m.Value) >= frames
                && s.GetValueOrDefault("ogrt_journal_reader_lag_records{reader=\"jobs\"}") == 0, Cancellation);
        return (server.MemoryMiB("VmRSS"), series["ogrt_journal_size_bytes"]);
    }
}
