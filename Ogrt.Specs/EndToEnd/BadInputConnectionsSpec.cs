using System.Globalization;
using System.Net.Sockets;

namespace Ogrt.Specs.EndToEnd;

/// <summary>Connections that send next to nothing, or nothing at all.</summary>
public sealed class BadInputConnectionsSpec
{
    private const int Silent = 10_000, SpareFiles = 2_000, KiBEach = 16, FixedMiB = 128;
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_that_sends_byte_after_byte_is_closed_and_counted_and_others_do_not_notice()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(
            ["ogrt.ingest.listener-defaults.tcp.frame-timeout=1 s"], Cancellation);
        using BadInputClient client = new(server, Cancellation);
        await client.SendGoodAsync();
        using Socket slow = await client.ConnectAsync();
        byte[] frame = RawMessage.Process("SLOW"u8, 1).Text(308, new string('x', 200_000)).Frame();
        await slow.SendAsync(client.NextGood(), Cancellation);

        int next = 0;
        await server.UntilAsync(
            async () =>
            {
                try
                {
                    await slow.SendAsync(frame.AsMemory(next++, 1), Cancellation);
                }
                catch (SocketException)
                {
                    // Closed by the server: its count follows.
                }
                await client.SendGoodAsync();
                return await server.RejectionsAsync(Cancellation);
            },
            counted => counted.GetValueOrDefault(("tcp", "slow_frame")) == 1, Cancellation);

        await client.UntilAllArrivedAsync();
        Assert.Empty(await ServerAnswers.ProcessesAsync(server, "SLOW"));
        Assert.Equal([("tcp", "slow_frame")], (await server.RejectionsAsync(Cancellation)).Keys);
        Assert.Equal(0, await server.StopAsync(Cancellation));
    }

    [Fact]
    public async Task Ten_thousand_connections_that_send_nothing_cost_little_memory_and_keep_nobody_out()
    {
        int count = Math.Min(Silent, OpenFiles() - SpareFiles);
        Assert.SkipUnless(count > 0, "This process may not open enough files.");
        // Without the pause in which the kernel keeps silent connections to itself, so that the server has them all.
        await using ServerProcess server = await ServerProcess.StartAsync(
            ["ogrt.ingest.listener-defaults.tcp.defer-accept=0 s"], Cancellation);
        using BadInputClient client = new(server, Cancellation);
        await client.SendGoodAsync();
        await client.UntilAllArrivedAsync();
        double before = server.MemoryMiB("VmRSS");
        List<Socket> silent = new(count);
        try
        {
            while (silent.Count < count)
            {
                silent.Add(await client.ConnectAsync());
                if (silent.Count % 1000 == 0)
                {
                    await client.SendGoodAsync();
                    await client.SendAsync(client.NextGood());
                }
            }
            await server.UntilAsync(() => ConnectionsAsync(server), open => open >= count, Cancellation);
            await client.SendAsync(client.NextGood());
            await client.UntilAllArrivedAsync();
            double after = server.MemoryMiB("VmRSS");
            TestContext.Current.SendDiagnosticMessage($"{count} silent connections: {before} MiB, then {after} MiB");
            Assert.True(after - before < (count * KiBEach / 1024.0) + FixedMiB, $"From {before} to {after} MiB for {count} connections");
            // The first and the last of them are still welcome.
            await silent[0].SendAsync(client.NextGood(), Cancellation);
            await silent[^1].SendAsync(client.NextGood(), Cancellation);
            await client.UntilAllArrivedAsync();
            Assert.True(await server.IsReadyAsync(Cancellation));
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }
        await server.UntilAsync(() => ConnectionsAsync(server), open => open <= 1, Cancellation);
        Assert.Empty(await server.RejectionsAsync(Cancellation));
        Assert.Equal(0, await server.StopAsync(Cancellation));
    }

    [Fact]
    public async Task The_server_stops_in_order_while_thousands_of_connections_are_silent()
    {
        int count = Math.Min(2_000, OpenFiles() - SpareFiles);
        Assert.SkipUnless(count > 0, "This process may not open enough files.");
        await using ServerProcess server = await ServerProcess.StartAsync(
            ["ogrt.ingest.listener-defaults.tcp.defer-accept=0 s"], Cancellation);
        using BadInputClient client = new(server, Cancellation);
        List<Socket> silent = new(count);
        try
        {
            while (silent.Count < count)
                silent.Add(await client.ConnectAsync());
            await client.SendGoodAsync();
            await server.UntilAsync(() => ConnectionsAsync(server), open => open >= count, Cancellation);

            Assert.Equal(0, await server.StopAsync(Cancellation));

            Assert.Equal(client.Sent, (await ServerAnswers.ProcessesAsync(server, BadInputClient.Job)).Count);
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }
    }

    private static async Task<double> ConnectionsAsync(ServerProcess server) =>
        (await server.MetricsAsync(Cancellation)).GetValueOrDefault("ogrt_ingest_connections");

    private static int OpenFiles()
    {
        string line = File.ReadLines("/proc/self/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        string soft = line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, CultureInfo.InvariantCulture, out int files) ? files : int.MaxValue;
    }
}
