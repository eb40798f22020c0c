using System.Net;
using System.Net.Sockets;
using Ogrt.Actors.Ingest;

namespace Ogrt.Specs.Ingest;

/// <summary>An orderly stop takes what has been sent, and does not wait for ever.</summary>
public sealed class StopSpec
{
    [Fact]
    public async Task A_frame_that_has_begun_is_still_taken()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync();
        byte[] frame = Frames.Process(1, 500);
        using Socket within = await ingest.ConnectAsync();
        await IngestFixture.SendAllAsync(within, frame.AsMemory(0, 100));
        using Socket idle = await ingest.ConnectAsync();
        await IngestFixture.SendAllAsync(idle, Frames.Process(2));
        await ingest.ReadAsync(1);
        await IngestFixture.Until(
            () => ingest.Tcp.OpenConnections == 2 && ingest.Metrics.Buffers!.RentedBuffers == 1, "one waits within a frame");

        Task<IngestProtocol.Drained> stop = ingest.Host.StopAsync();

        Assert.Equal(0, await idle.ReceiveAsync(new byte[1], SocketFlags.None, TestContext.Current.CancellationToken));
        Assert.False(stop.IsCompleted);
        await IngestFixture.SendAllAsync(within, frame.AsMemory(100));
        Assert.Equal(0, (await stop).AbortedConnections);
        Assert.Equal(frame, (await ingest.ReadAsync(1)).Single().Payload);
        Assert.Equal(0, ingest.Metrics.RejectedTotal);
    }

    [Fact]
    public async Task A_client_that_never_ends_its_frame_is_closed_at_the_drain_timeout()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync("ogrt.ingest.drain-timeout = 200 ms");
        using Socket socket = await ingest.ConnectAsync();
        await IngestFixture.SendAllAsync(socket, Frames.Process(1).AsMemory(0, 20));
        await IngestFixture.Until(() => ingest.Metrics.Buffers!.RentedBuffers == 1, "it waits within a frame");

        Assert.Equal(1, (await ingest.Host.StopAsync()).AbortedConnections);

        Assert.Equal(1, ingest.Tcp.Rejected(Rejection.DrainTimeout));
        Assert.Equal(0, ingest.Tcp.OpenConnections);
    }

    [Fact]
    public async Task What_clients_had_sent_before_the_stop_is_taken()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync();
        using var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        datagrams.Connect(ingest.EndPoint("udp"));
        for (int i = 0; i < 200; i++)
        {
            await ingest.SendAsync(Frames.Process(i));
            datagrams.Send(Frames.Process(1000 + i));
        }

        await ingest.Host.StopAsync();

        Assert.Equal(400, ingest.Metrics.FramesTotal);
        await ingest.ReadAsync(400);
    }

    [Fact]
    public async Task What_clients_send_while_it_stops_is_taken_or_refused_and_never_lost()
    {
        for (int round = 0; round < 5; round++)
        {
            await using IngestFixture ingest = await IngestFixture.StartAsync();
            IPEndPoint server = ingest.EndPoint("tcp");
            long sent = 0;
            // As the preload library sends: what was written to an open connection has been sent, and nobody waits for an answer.
            Task[] clients = [.. Enumerable.Range(0, 4).Select(client => Task.Factory.StartNew(
                () =>
                {
                    byte[] frame = Frames.Process(client);
                    while (TrySend(server, frame))
                        Interlocked.Increment(ref sent);
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
            await IngestFixture.Until(() => ingest.Metrics.FramesTotal > 200, "clients send");

            await ingest.Host.StopAsync();

            await Task.WhenAll(clients);
            Assert.Equal(sent, ingest.Metrics.FramesTotal);
        }
    }

    private static bool TrySend(IPEndPoint server, byte[] frame)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(server);
            return socket.Send(frame) == frame.Length;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return false;
        }
    }

    [Fact]
    public async Task After_the_stop_nobody_is_accepted()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync();
        await ingest.Host.StopAsync();
        var e = await Assert.ThrowsAsync<SocketException>(() => ingest.ConnectAsync());
        Assert.Equal(SocketError.ConnectionRefused, e.SocketErrorCode);
    }
}
