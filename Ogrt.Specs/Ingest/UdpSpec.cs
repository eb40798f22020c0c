using System.Net;
using System.Net.Sockets;
using Ogrt.Actors.Ingest;
using Ogrt.Wire;

namespace Ogrt.Specs.Ingest;

/// <summary>A datagram is one frame.</summary>
public sealed class UdpSpec
{
    [Fact]
    public async Task Each_datagram_gives_one_record()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync();
        using Socket socket = Client(ingest);
        byte[][] frames = Enumerable.Range(1, 300).Select(i => Frames.Process(i, i)).ToArray();

        foreach (byte[] frame in frames) socket.Send(frame);

        List<IngestFixture.Received> records = await ingest.ReadAsync(frames.Length);
        Assert.Equal(frames, records.Select(record => record.Payload));
        Assert.All(records, record => Assert.Equal(((IPEndPoint)socket.LocalEndPoint!).Port, record.Sender.Port));
        Assert.All(records, record => Assert.Equal(IPAddress.Loopback, record.Sender.Address));
        Assert.Equal(300, ingest.Udp.Datagrams);
    }

    [Fact]
    public async Task A_bad_datagram_is_counted_by_its_reason_and_the_next_one_arrives()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync("ogrt.ingest.max-frame-size = 4000");
        using Socket socket = Client(ingest);
        byte[] good = Frames.Process(1);

        socket.Send(Array.Empty<byte>());
        socket.Send(good.AsSpan(0, 5));
        socket.Send(good.AsSpan(0, good.Length - 1));
        socket.Send([.. good, 0]);
        socket.Send(Frames.Header(12, 0));
        socket.Send(Frames.Of((FrameType)13, good.AsSpan(8)));
        socket.Send([.. Frames.Header(12, 4001), .. new byte[50]]);
        socket.Send([.. Frames.Header(12, 4001), .. new byte[4001]]);
        socket.Send([.. Frames.Header(12, 11), .. Enumerable.Repeat((byte)0x80, 11)]);
        socket.Send(good);

        Assert.Equal(good, (await ingest.ReadAsync(1)).Single().Payload);
        Assert.Equal(3, ingest.Udp.Rejected(WireError.Truncated));
        Assert.Equal(1, ingest.Udp.Rejected(WireError.TrailingBytes));
        Assert.Equal(1, ingest.Udp.Rejected(WireError.Empty));
        Assert.Equal(1, ingest.Udp.Rejected(WireError.UnknownType));
        Assert.Equal(1, ingest.Udp.Rejected(WireError.TooLong));
        Assert.Equal(1, ingest.Udp.Rejected(Rejection.DatagramTooLong));
        Assert.Equal(1, ingest.Udp.Rejected(WireError.BadVarint));
        Assert.Equal(10, ingest.Udp.Datagrams);
        Assert.Equal(9, ingest.Metrics.RejectedTotal);
    }

    private static Socket Client(IngestFixture ingest)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(ingest.EndPoint("udp"));
        return socket;
    }
}
