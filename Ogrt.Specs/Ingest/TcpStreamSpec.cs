using System.Net;
using System.Net.Sockets;
using Ogrt.Wire;

namespace Ogrt.Specs.Ingest;

/// <summary>What a connection carries arrives, however it is cut.</summary>
public sealed class TcpStreamSpec
{
    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public async Task A_connection_with_one_frame_gives_one_record(string readAtAccept)
    {
        await using IngestFixture ingest = await StartAsync(readAtAccept);
        byte[] frame = Frames.Process(1);
        long before = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

        using Socket socket = await ingest.ConnectAsync();
        var local = (IPEndPoint)socket.LocalEndPoint!;
        await IngestFixture.SendAllAsync(socket, frame);
        socket.Dispose();

        IngestFixture.Received record = (await ingest.ReadAsync(1)).Single();
        Assert.Equal(frame, record.Payload);
        Assert.Equal(RecordKind.Frame, record.Kind);
        Assert.Equal(local.Port, record.Sender.Port);
        Assert.Equal(IPAddress.Loopback, record.Sender.Address);
        Assert.InRange(record.ArrivalUnixNs, before, (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100);
        Assert.Equal(1, ingest.Tcp.Connections);
        Assert.Equal(1, ingest.Tcp.Frames);
        Assert.Equal(frame.Length, ingest.Tcp.Bytes);
        Assert.Equal(0, ingest.Metrics.RejectedTotal);
    }

    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public async Task Frames_written_in_pieces_of_any_size_arrive_whole_and_in_order(string readAtAccept)
    {
        await using IngestFixture ingest = await StartAsync(readAtAccept);
        byte[][] frames = Enumerable.Range(1, 40).Select(i => Frames.Process(i, i * 13)).ToArray();
        byte[] stream = Frames.Concat(frames);
        var random = new Random(7);

        using Socket socket = await ingest.ConnectAsync();
        for (int sent = 0; sent < stream.Length;)
        {
            int piece = Math.Min(random.Next(1, 40), stream.Length - sent);
            await IngestFixture.SendAllAsync(socket, stream.AsMemory(sent, piece));
            sent += piece;
        }

        List<IngestFixture.Received> records = await ingest.ReadAsync(frames.Length);
        Assert.Equal(frames, records.Select(record => record.Payload));
    }

    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public async Task Many_frames_in_one_write_arrive_whole_and_in_order(string readAtAccept)
    {
        await using IngestFixture ingest = await StartAsync(readAtAccept);
        byte[][] frames = Enumerable.Range(1, 5000).Select(i => Frames.Process(i, i % 700)).ToArray();

        await ingest.SendAsync(Frames.Concat(frames));

        List<IngestFixture.Received> records = await ingest.ReadAsync(frames.Length);
        Assert.Equal(frames, records.Select(record => record.Payload));
    }

    [Fact]
    public async Task A_frame_of_the_largest_size_arrives_among_small_ones()
    {
        await using IngestFixture ingest = await StartAsync("on");
        int overhead = Frames.Process(2, 200_000).Length - FrameHeader.Size - 200_000;
        byte[] largest = Frames.Process(2, ingest.Settings.MaxFrameSize - overhead);
        Assert.Equal(ingest.Settings.MaxFrameSize, largest.Length - FrameHeader.Size);
        byte[][] frames = [Frames.Process(1), largest, Frames.Process(3), largest, Frames.Process(5)];

        await ingest.SendAsync(Frames.Concat(frames));

        List<IngestFixture.Received> records = await ingest.ReadAsync(frames.Length);
        Assert.Equal(frames, records.Select(record => record.Payload));
    }

    [Fact]
    public async Task Many_connections_at_once_lose_nothing()
    {
        await using IngestFixture ingest = await StartAsync("on");
        await Parallel.ForAsync(0, 500, TestContext.Current.CancellationToken, async (i, _) =>
            await ingest.SendAsync(Frames.Concat(Frames.Process(i), Frames.Process(i + 1000))));

        List<IngestFixture.Received> records = await ingest.ReadAsync(1000);
        Assert.Equal(1000, records.Select(record => Convert.ToHexString(record.Payload)).Distinct().Count());
        await IngestFixture.Until(() => ingest.Tcp.OpenConnections == 0, "every connection is closed");
        Assert.Equal(500, ingest.Tcp.Connections);
    }

    private static Task<IngestFixture> StartAsync(string readAtAccept) =>
        IngestFixture.StartAsync($"ogrt.ingest.listeners.tcp.read-at-accept = {readAtAccept}");

    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public async Task A_connection_is_closed_in_order_only_when_its_frames_are_in_the_journal(string readAtAccept)
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync(
            $"ogrt.ingest.listeners.tcp.read-at-accept = {readAtAccept}");
        for (int connection = 1; connection <= 300; connection++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(ingest.EndPoint("tcp"));
            socket.Send(Frames.Process(connection, 900));
            socket.Shutdown(SocketShutdown.Send);

            Assert.Equal(0, socket.Receive(new byte[1]));
            Assert.InRange(ingest.Journal.TailSequence, connection, long.MaxValue);
        }
    }
}
