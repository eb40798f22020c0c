using System.Net.Sockets;
using System.Text.Json;

namespace Ogrt.Specs.EndToEnd;

/// <summary>The promise of the README, against SIGKILL: what has been read from its socket arrives, and stands in the tree
/// once.</summary>
public sealed class KilledServerSpec
{
    private const int Kills = 3, ConfirmedBeforeKill = 150;
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_frame_that_was_read_survives_kill_after_kill_and_stands_in_the_tree_once()
    {
        await using ServerProcess server = await ServerProcess.StartAsync([], Cancellation);
        HashSet<int> confirmed = [];
        int next = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            int from = next;
            Task<int> sending = Task.Run(() => SendUntilRefusedAsync(server.Port, from, confirmed), Cancellation);
            int wanted = (kill + 1) * ConfirmedBeforeKill;
            await server.UntilAsync(() => Task.FromResult(CountOf(confirmed)), count => count >= wanted, Cancellation);
            server.KillNow();
            next = await sending;
            await server.RestartAsync(Cancellation);
        }

        IReadOnlyList<JsonElement> processes = await server.UntilAsync(
            () => server.ProcessesAsync("KILLED", Cancellation), p => confirmed.IsSubsetOf(Numbers(p)), Cancellation);
        Assert.Equal(processes.Count, Numbers(processes).Distinct().Count());
        int known = processes.Count;
        int inTree = await server.UntilAsync(() => TreeCountAsync(server), count => count >= known, Cancellation);
        Assert.Equal(known, inTree);
    }

    [Fact]
    public async Task An_orderly_stop_ends_with_0_and_everything_is_there_afterwards()
    {
        await using ServerProcess server = await ServerProcess.StartAsync([], Cancellation);
        for (int number = 0; number < 50; number++)
            Assert.True(await SendAsync(server.Port, number));

        Assert.Equal(0, await server.StopAsync(Cancellation));

        Assert.Equal(Enumerable.Range(0, 50), Numbers(await server.ProcessesAsync("KILLED", Cancellation)).Order());
    }

    /// <summary>Sends one process a connection, until the server is gone.</summary>
    /// <returns>The number to go on with.</returns>
    private static async Task<int> SendUntilRefusedAsync(int port, int number, HashSet<int> confirmed)
    {
        // The kernel closes in order what a killed process had read: only a server that has answered the next connection too
        // was alive when it closed this one.
        bool previous = false;
        for (; await SendAsync(port, number); number++)
        {
            if (previous)
                lock (confirmed)
                    confirmed.Add(number - 1);
            previous = true;
        }
        return number + 1;
    }

    /// <summary>Sends one process and waits until the server closes its side in order: it does that when it has read, and
    /// so kept, everything. A connection that is reset confirms nothing.</summary>
    private static async Task<bool> SendAsync(int port, int number)
    {
        try
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync("127.0.0.1", port, Cancellation);
            await socket.SendAsync(Frames.Process("KILLED", number), Cancellation);
            socket.Shutdown(SocketShutdown.Send);
            return await socket.ReceiveAsync(new byte[1], Cancellation) == 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int CountOf(HashSet<int> confirmed)
    {
        lock (confirmed)
            return confirmed.Count;
    }

    private static IEnumerable<int> Numbers(IEnumerable<JsonElement> processes) =>
        processes.Select(process => process.GetProperty("pid").GetInt32() - 1000);

    private static async Task<int> TreeCountAsync(ServerProcess server)
    {
        using JsonDocument tree = JsonDocument.Parse(await server.CommandAsync(["tree", "KILLED", "--json"], Cancellation));
        return tree.RootElement.GetProperty("process_count").GetInt32();
    }
}
