using System.Net.Sockets;
using System.Text;
using Ogrt.Wire;

namespace Ogrt.Specs.EndToEnd;

/// <summary>Bytes that are no frames: each has a counted reason, and nothing else is lost.</summary>
public sealed class BadInputSpec
{
    private const uint Process = (uint)FrameType.ProcessInfo;
    private const int Limit = 262_144, MemoryMiB = 256;
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What is sent; the reason over TCP and as a datagram, null where it cannot be sent so.</summary>
    private static readonly (string What, byte[] Bytes, string? Tcp, string? Udp)[] Inputs =
    [
        ("text", Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: ogrt\r\n\r\n"), "too_long", "unknown_type"),
        ("random bytes", RandomBytes(60_000), "too_long", "unknown_type"),
        ("much of them", RandomBytes(4_000_000), "too_long", null),
        ("a length of 4 GiB", RawMessage.Frame(Process, uint.MaxValue, new byte[100]), "too_long", "too_long"),
        ("a negative length", RawMessage.Frame(Process, 0x8000_0000, new byte[100]), "too_long", "too_long"),
        ("one above the limit", RawMessage.Frame(Process, Limit + 1, new byte[100]), "too_long", "too_long"),
        ("a length of 0", RawMessage.Frame(Process, 0, []), "empty", "empty"),
        ("half a header", Frames.Process("HALF", 1)[..5], "half_frame", "truncated"),
        ("half a frame", Frames.Process("HALF", 1)[..30], "half_frame", "truncated"),
        ("an unknown type", RawMessage.Frame(99, 4, new byte[4]), "unknown_type", "unknown_type"),
        ("an endless varint", Filled(0xff, 50_000), "bad_varint", "bad_varint"),
        ("a varint of 11 bytes", Payload([0xe8, 0x12, .. Enumerable.Repeat((byte)0x80, 10), 0x01]), "bad_varint", "bad_varint"),
        ("groups in groups", Filled(0x0b, 50_000), "too_deep", "too_deep"),
        ("a group that was not begun", Payload([0x0c]), "bad_group", "bad_group"),
        ("a field without a number", Payload([0x00, 0x00]), "bad_tag", "bad_tag"),
        ("a wire type that does not exist", Payload([0x0f]), "bad_wire_type", "bad_wire_type"),
        ("a string beyond the end", Payload([0xe2, 0x12, 0x7f, 1, 2, 3]), "truncated", "truncated"),
        ("a string of 2 EiB", Payload([0xe2, 0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]), "truncated", "truncated"),
        ("more than a frame", [.. Frames.Process("TRAILING", 1), 0], null, "trailing_bytes"),
        ("no byte", [], null, "truncated"),
    ];

    [Fact]
    public async Task What_is_no_frame_is_counted_by_its_reason_and_every_good_frame_around_it_arrives()
    {
        await using ServerProcess server = await ServerProcess.StartAsync([], Cancellation);
        using BadInputClient client = new(server, Cancellation);
        await client.SendGoodAsync();
        double before = server.MemoryMiB();
        Dictionary<(string Listener, string Reason), double> expected = [];
        void Expect(string listener, string reason) =>
            expected[(listener, reason)] = expected.GetValueOrDefault((listener, reason)) + 1;

        foreach ((_, byte[] bytes, string? tcp, string? udp) in Inputs)
        {
            if (tcp is not null)
            {
                byte[] first = client.NextGood();
                // After a wrong length nobody knows where the next frame begins; after all else the connection goes on.
                byte[] last = tcp is "too_long" or "half_frame" ? [] : client.NextGood();
                await client.SendAsync([.. first, .. bytes, .. last]);
                Expect("tcp", tcp);
            }
            if (udp is not null)
            {
                await client.SendDatagramAsync(bytes);
                Expect("udp", udp);
            }
            await client.SendGoodAsync();
        }
        await ResetAsync(client);
        Expect("tcp", "reset");

        await server.UntilAsync(
            async () => Describe(await server.RejectionsAsync(Cancellation)), counted => counted == Describe(expected), Cancellation);
        await client.UntilAllArrivedAsync();
        Assert.True(server.MemoryMiB() - before < MemoryMiB, $"From {before} to {server.MemoryMiB()} MiB");
        Assert.True(await server.IsReadyAsync(Cancellation));
        Assert.Equal(0, await server.StopAsync(Cancellation));
    }

    private static string Describe(IEnumerable<KeyValuePair<(string Listener, string Reason), double>> counts) =>
        string.Join(", ", counts.Where(c => c.Value > 0).Select(c => $"{c.Key.Listener} {c.Key.Reason} {c.Value}").Order());

    /// <summary>Resets a connection whose frame has arrived: the kernel throws away what has not been read by then.</summary>
    private static async Task ResetAsync(BadInputClient client)
    {
        using Socket socket = await client.ConnectAsync();
        await socket.SendAsync(client.NextGood(), Cancellation);
        await client.UntilAllArrivedAsync();
        socket.LingerState = new LingerOption(true, 0);
    }

    private static byte[] RandomBytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Payload(params byte[] payload) => RawMessage.Frame(Process, (uint)payload.Length, payload);

    private static byte[] Filled(byte value, int count) => Payload(Enumerable.Repeat(value, count).ToArray());
}
