using System.Net.Sockets;
using System.Text;
using CsCheck;
using Ogrt.Actors.Ingest;
using Ogrt.Wire;

namespace Ogrt.Specs.Ingest;

/// <summary>Whatever a connection sends has a counted reason, and costs nobody else anything.</summary>
public sealed class BadInputSpec
{
    public static TheoryData<string, byte[]> BrokenLengths => new()
    {
        { "garbage", Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: ogrt\r\n\r\n") },
        { "4 GiB", Frames.Header(12, uint.MaxValue) },
        { "2 GiB", Frames.Header(12, 0x8000_0000) },
        { "one above the limit", Frames.Header(12, 262_145) },
    };

    public static TheoryData<WireError, byte[]> BadFrames => new()
    {
        { WireError.Empty, Frames.Header(12, 0) },
        { WireError.UnknownType, Frames.Of((FrameType)13, Frames.Process(1).AsSpan(8)) },
        { WireError.UnknownType, Frames.Of((FrameType)0, new byte[1000]) },
        { WireError.BadVarint, Frames.Of(FrameType.ProcessInfo, Enumerable.Repeat((byte)0xff, 200_000).ToArray()) },
        { WireError.Truncated, Frames.Of(FrameType.ProcessInfo, [0xe2, 0x12, 0x7f, 1, 2, 3]) },
        { WireError.BadWireType, Frames.Of(FrameType.ProcessInfo, [0x0f]) },
        { WireError.TooDeep, Frames.Of(FrameType.ProcessInfo, Enumerable.Repeat((byte)0x0b, 100_000).ToArray()) },
    };

    [Theory]
    [MemberData(nameof(BrokenLengths))]
    public async Task A_length_above_the_limit_closes_the_connection_after_the_frames_before_it(string what, byte[] bytes)
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync();
        using Socket bystander = await ingest.ConnectAsync();
        await IngestFixture.SendAllAsync(bystander, Frames.Process(1).AsMemory(0, 10));
        using Socket socket = await ingest.ConnectAsync();

        await IngestFixture.SendAllAsync(socket, Frames.Concat(Frames.Process(2), bytes));
        await WaitForCloseAsync(socket);

        await IngestFixture.SendAllAsync(bystander, Frames.Process(1).AsMemory(10));
        List<IngestFixture.Received> records = await ingest.ReadAsync(2);
        Assert.Equal([Frames.Process(2), Frames.Process(1)], records.Select(record => record.Payload));
        Assert.Equal(1, ingest.Tcp.Rejected(WireError.TooLong));
        Assert.True(ingest.Metrics.RejectedTotal == 1, what);
    }

    [Theory]
    [MemberData(nameof(BadFrames))]
    public async Task A_frame_that_does_not_parse_is_counted_and_the_connection_goes_on(WireError reason, byte[] frame)
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync();

        await ingest.SendAsync(Frames.Concat(Frames.Process(1), frame, Frames.Process(2)));

        List<IngestFixture.Received> records = await ingest.ReadAsync(2);
        Assert.Equal([Frames.Process(1), Frames.Process(2)], records.Select(record => record.Payload));
        Assert.Equal(1, ingest.Tcp.Rejected(reason));
        Assert.Equal(1, ingest.Metrics.RejectedTotal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(30)]
    public async Task Half_a_frame_at_the_end_is_counted(int length)
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync();

        await ingest.SendAsync(Frames.Concat(Frames.Process(1), Frames.Process(2)[..length]));
        // And one that begins after the connection has been handed over.
        using (Socket socket = await ingest.ConnectAsync())
        {
            await IngestFixture.SendAllAsync(socket, Frames.Process(3));
            await ingest.ReadAsync(2);
            await IngestFixture.SendAllAsync(socket, Frames.Process(4).AsMemory(0, length));
        }

        await IngestFixture.Until(() => ingest.Tcp.Rejected(Rejection.HalfFrame) == 2, "both halves are counted");
        Assert.Equal(2, ingest.Metrics.RejectedTotal);
    }

    [Fact]
    public async Task A_connection_without_a_byte_is_no_rejection()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync();
        await ingest.SendAsync(ReadOnlyMemory<byte>.Empty);
        await IngestFixture.Until(() => ingest.Tcp.Connections == 1 && ingest.Tcp.OpenConnections == 0, "it has come and gone");
        Assert.Equal(0, ingest.Metrics.RejectedTotal);
    }

    [Fact]
    public async Task A_reset_is_counted_and_what_came_before_it_is_kept()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync();
        Socket socket = await ingest.ConnectAsync();
        await IngestFixture.SendAllAsync(socket, Frames.Concat(Frames.Process(1), Frames.Process(2)[..20]));
        await ingest.ReadAsync(1);

        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();

        await IngestFixture.Until(() => ingest.Tcp.Rejected(Rejection.Reset) == 1, "the reset is counted");
        await IngestFixture.Until(() => ingest.Tcp.OpenConnections == 0, "the connection is closed");
        Assert.Equal(1, ingest.Metrics.RejectedTotal);
    }

    [Fact]
    public async Task Whatever_is_sent_the_frames_of_other_connections_all_arrive()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync();
        int sent = 0;
        Gen<byte[]> hostile = Gen.OneOf(
            Gen.Byte.Array[0, 3000],
            Gen.Select(Gen.UInt, Gen.UInt[0, 600_000], Gen.Byte.Array[0, 2000], (type, length, rest) => (byte[])[.. Frames.Header(type, length), .. rest]),
            Gen.Select(Gen.Int[1, 40], Gen.Byte.Array[0, 300], (pid, payload) => Frames.Concat(
                Frames.Header(12, 4096), payload, Frames.Process(pid))),
            Gen.Select(Gen.Byte.Array[1, 400], payload => Frames.Of(FrameType.ProcessInfo, payload)));

        await hostile.SampleAsync(async bytes =>
        {
            using Socket good = await ingest.ConnectAsync();
            byte[] frame = Frames.Process(1_000_000 + Interlocked.Increment(ref sent), 3);
            await IngestFixture.SendAllAsync(good, frame.AsMemory(0, 9));
            using (Socket bad = await ingest.ConnectAsync())
            {
                try
                {
                    await IngestFixture.SendAllAsync(bad, bytes);
                }
                catch (SocketException)
                {
                    // Closed in the middle of it.
                }
            }

            await IngestFixture.SendAllAsync(good, frame.AsMemory(9));
        }, iter: 400, threads: 2);

        await IngestFixture.Until(() => ingest.Tcp.OpenConnections == 0 && ingest.Tcp.Connections == 2 * sent, "all are closed");
        int good = 0;
        while (ingest.Reader.TryRead(out Ogrt.Journal.JournalRecord record))
        {
            Assert.Equal(WireError.None, FrameRouter.TryRoute(record.Payload.Span, WireLayout.Current, 262144, out _));
            if (ProcessInfoView.TryParse(record.Payload.Span[8..], WireLayout.Current, out ProcessInfoView process) == WireError.None
                && process.Pid > 1_000_000 && process.JobId.SequenceEqual("JOB"u8)) good++;
        }

        Assert.Equal(sent, good);
    }

    private static async Task WaitForCloseAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1], SocketFlags.None, TestContext.Current.CancellationToken));
        }
        catch (SocketException e)
        {
            Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        }
    }
}
