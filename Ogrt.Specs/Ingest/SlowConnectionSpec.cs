using System.Net.Sockets;
using Ogrt.Actors.Ingest;

namespace Ogrt.Specs.Ingest;

/// <summary>Connections that send little or nothing, on a clock that the spec moves.</summary>
public sealed class SlowConnectionSpec
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task One_byte_a_second_is_closed_at_the_frame_timeout()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync("", _time);
        using Socket socket = await ingest.ConnectAsync();
        byte[] frame = Frames.Process(1, 100);
        await IngestFixture.SendAllAsync(socket, Frames.Process(7));
        await ingest.ReadAsync(1);

        // It waits within a frame when it holds the small buffer for that, and from then on the clock counts.
        await IngestFixture.SendAllAsync(socket, frame.AsMemory(0, 1));
        await IngestFixture.Until(() => ingest.Metrics.Buffers!.RentedBytes is > 0 and <= 1024, "the first byte has been read");
        for (int second = 1; second < 10; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await IngestFixture.SendAllAsync(socket, frame.AsMemory(second, 1));
        }

        Assert.Equal(1, ingest.Tcp.OpenConnections);
        _time.Advance(TimeSpan.FromSeconds(1));

        await IngestFixture.Until(() => ingest.Tcp.Rejected(Rejection.SlowFrame) == 1, "the slow frame is counted");
        await IngestFixture.Until(() => ingest.Tcp.OpenConnections == 0, "the connection is closed");
        Assert.Equal(1, ingest.Metrics.RejectedTotal);
    }

    [Fact]
    public async Task A_connection_that_sends_nothing_is_closed_at_the_idle_timeout()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync("", _time);
        using Socket socket = await ingest.ConnectAsync();
        await IngestFixture.SendAllAsync(socket, Frames.Process(1));
        await ingest.ReadAsync(1);
        await IngestFixture.Until(() => ingest.Tcp.OpenConnections == 1, "it is open");

        // Waiting begins again with each frame: the second one comes when the timeout of the first has almost passed.
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        await IngestFixture.SendAllAsync(socket, Frames.Process(2));
        await ingest.ReadAsync(1);
        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(0, await socket.ReceiveAsync(new byte[1], SocketFlags.None, TestContext.Current.CancellationToken));
        await IngestFixture.Until(() => ingest.Tcp.Rejected(Rejection.Idle) == 1, "the idle connection is counted");
        Assert.Equal(1, ingest.Metrics.RejectedTotal);
    }

    [Fact]
    public async Task Silent_connections_at_the_limit_make_place_for_one_that_sends()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync(
            "ogrt.ingest.listeners.tcp { max-connections = 5, defer-accept = 0 }", _time);
        List<Socket> silent = [];
        for (int i = 0; i < 5; i++) silent.Add(await ingest.ConnectAsync());
        await IngestFixture.Until(() => ingest.Tcp.OpenConnections == 5, "all places are taken");

        await ingest.SendAsync(Frames.Process(1));
        Assert.Equal(5, ingest.Tcp.Connections);
        // The clock goes on in small steps, because a connection begins to wait some time after it was accepted.
        await IngestFixture.Until(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return ingest.Tcp.Frames == 1;
        }, "the frame of the sixth is there");

        await ingest.ReadAsync(1);
        await IngestFixture.Until(() => ingest.Tcp.Rejected(Rejection.IdleCrowded) > 0, "the silent ones that went are counted");
        Assert.Equal(0, ingest.Tcp.Rejected(Rejection.Idle));
        silent.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task Thousands_of_silent_connections_hold_no_buffers_and_little_memory()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync("ogrt.ingest.listeners.tcp.defer-accept = 0");
        // Both ends are in this process, and other specs need files as well.
        int count = Math.Min(10_000, (int)((OpenFiles.Limit - 2000) / 2));
        Assert.SkipWhen(count < 500, "The limit of open files leaves no room for many connections.");
        List<Socket> silent = new(count);
        try
        {
            long before = GC.GetTotalMemory(forceFullCollection: true);
            for (int i = 0; i < count; i++) silent.Add(await ingest.ConnectAsync());
            await IngestFixture.Until(() => ingest.Tcp.OpenConnections == count, "all are accepted");
            long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
            TestContext.Current.TestOutputHelper?.WriteLine($"{count} connections, {each} bytes each, both ends");

            Assert.Equal(0, ingest.Metrics.Buffers!.RentedBytes);
            // A buffer each would be 65,536 bytes. The client's socket is in the figure too.
            Assert.InRange(each, 0, 16 * 1024);
            await ingest.SendAsync(Frames.Process(1));
            await ingest.ReadAsync(1);
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }

        await IngestFixture.Until(() => ingest.Tcp.OpenConnections == 0, "all are closed");
    }
}
