using System.Text.Json;
using Ogrt.Wire;

namespace Ogrt.Specs.EndToEnd;

/// <summary>Processes whose parents, pids and clocks cannot be true: each stands in the tree once all the same.</summary>
public sealed class BadInputTreesSpec
{
    private const ulong Noon = 1_750_000_000;
    private const long Second = 1_000_000_000;
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private sealed record Sent(int Pid, int Parent, ulong Ticks = 0, ulong ParentTicks = 0, ulong Time = Noon, long? TimeNs = null);

    private static readonly Dictionary<string, Sent[]> Jobs = new()
    {
        ["OWN-PARENT"] = [new(10, 10, 50, 50), new(11, 10, 60, 50)],
        ["OWN-PARENT-OLD"] = [new(10, 10), new(11, 10)],
        ["CIRCLE"] = [new(1, 3, 1, 3), new(2, 1, 2, 1), new(3, 2, 3, 2), new(4, 2, 4, 2)],
        ["CIRCLE-OLD"] = [new(1, 3), new(2, 1), new(3, 2), new(4, 2)],
        ["CIRCLE-OF-TWO"] = [new(2, 1, 2, 1), new(1, 2, 1, 2)],
        ["PIDS"] = [new(7, 1, 1), new(7, 1, 2), new(7, 7, 3, 2), new(7, 1, 4, 0, Noon - 1000)],
        ["PIDS-OLD"] = [new(7, 1), new(7, 1, 0, 0, Noon + 100_000), new(7, 2, 0, 0, Noon + 200_000)],
        ["CLOCKS"] =
        [
            new(1, 0, 1, 0, Noon), new(2, 1, 2, 1, Noon - 86_400), new(3, 2, 3, 2, 0), new(4, 3, 4, 3, ulong.MaxValue),
            new(5, 4, 5, 4, long.MaxValue), new(6, 5, 6, 5, 0x8000_0000_0000_0000), new(7, 6, 7, 6, Noon, long.MaxValue),
            new(8, 7, 8, 7, Noon, long.MinValue), new(9, 8, 9, 8, Noon, -1), new(10, 9, 10, 9, Noon, 1),
        ],
        ["PID-NUMBERS"] = [new(int.MaxValue, int.MaxValue - 1, ulong.MaxValue, 2), new(1, int.MinValue, 3, 3), new(2, 0, 4)],
    };

    [Fact]
    public async Task Every_process_is_in_the_tree_once_whatever_it_says_of_its_parent_its_pid_and_its_clock()
    {
        await using ServerProcess server = await ServerProcess.StartAsync([], Cancellation);
        using BadInputClient client = new(server, Cancellation);
        int turn = 0;
        foreach ((string job, Sent[] processes) in Jobs)
        {
            foreach (byte[] frame in processes.Select((sent, index) => Frame(job, sent, index)))
                await (turn++ % 2 == 0 ? client.SendAsync(frame) : client.SendDatagramAsync(frame));
            await client.SendGoodAsync();
        }
        await SendClocksThatGoBackAsync(client);
        // No process has such a pid: no tree takes them, which is counted.
        foreach (int pid in (int[])[0, -1, int.MinValue])
            await client.SendAsync(Frame("PIDS", new Sent(pid, 1, 9), 9));
        await server.UntilAsync(
            async () => (await server.MetricsAsync(Cancellation)).GetValueOrDefault("ogrt_jobs_rejected_total"), count => count == 3, Cancellation);
        await client.UntilAllArrivedAsync();

        foreach ((string job, Sent[] processes) in Jobs)
        {
            await server.UntilAsync(() => ServerAnswers.ProcessesAsync(server, job), list => list.Count >= processes.Length, Cancellation);
            await server.UntilAsync(() => ServerAnswers.TreeAsync(server, job), tree => Count(tree) >= (ulong)processes.Length, Cancellation);
            Assert.Equal(processes.Length, (await ServerAnswers.ProcessesAsync(server, job)).Count(process => process.GetProperty("pid").GetInt32() > 0));
            AssertOnce(job, processes, (await ServerAnswers.TreeAsync(server, job))!.Value);
            AssertOnce(job, processes, (await ServerAnswers.TreeAsync(server, job, "--expand"))!.Value);
            foreach (string[] command in (string[][])[["tree"], ["tree", "--expand"], ["job"]])
            {
                (int code, string output, string error) = await server.CommandHereAsync([.. command, job]);
                Assert.True(code == 0, error);
                ServerAnswers.AssertHarmless(output);
            }
        }
        Assert.Equal(0, (await server.CommandHereAsync("jobs")).ExitCode);
        Assert.Equal(0, (await server.CommandHereAsync("jobs", "--json")).ExitCode);
        Assert.Empty(await server.RejectionsAsync(Cancellation));
        Assert.True(await server.IsReadyAsync(Cancellation));
        Assert.Equal(0, await server.StopAsync(Cancellation));
    }

    private static async Task SendClocksThatGoBackAsync(BadInputClient client)
    {
        await client.SendAsync(new RawMessage().Text(200, "CLOCKS").Number(201, 5).Frame(FrameType.JobEnd));
        await client.SendAsync(new RawMessage().Text(100, "CLOCKS").Number(101, ulong.MaxValue).Frame(FrameType.JobStart));
        foreach (long time in (long[])[5, long.MinValue, long.MaxValue])
        {
            await client.SendAsync(new RawMessage().Number(301, 1).Text(305, "CLOCKS").Text(307, "node1").Number(320, 1)
                .Number(340, (ulong)time).Number(343, ulong.MaxValue).Number(345, ulong.MaxValue).Frame(FrameType.ProcessEnd));
        }
    }

    private static byte[] Frame(string job, Sent sent, int index)
    {
        RawMessage message = new RawMessage().Text(305, job).Text(300, $"/bin/{(char)('a' + index)}").Text(307, "node1").Text(306, "jdoe")
            .Number(301, (ulong)sent.Pid).Number(302, (ulong)sent.Parent).Number(303, sent.Time);
        if (sent.Ticks != 0)
            message.Number(320, sent.Ticks);
        if (sent.ParentTicks != 0)
            message.Number(321, sent.ParentTicks);
        if (sent.TimeNs is { } ns)
            message.Number(322, (ulong)ns);
        return message.Frame();
    }

    private static ulong Count(JsonElement? tree) => tree?.GetProperty("process_count").GetUInt64() ?? 0;

    private static void AssertOnce(string job, Sent[] processes, JsonElement tree)
    {
        List<JsonElement> nodes = [.. ServerAnswers.Nodes(tree)];
        Assert.Equal((ulong)processes.Length, Count(tree));
        Assert.All(nodes, node => Assert.Equal(1UL, node.GetProperty("count").GetUInt64()));
        Assert.Equal(processes.Length, nodes.Count);
        // Each has a program of its own, so that the program tells which of the processes a node is.
        string[] programs = [.. nodes.SelectMany(node => node.GetProperty("images").EnumerateArray()).Select(image => image.GetProperty("path").GetString()!)];
        Assert.True(processes.Select((_, index) => $"/bin/{(char)('a' + index)}").SequenceEqual(programs.Order()),
            $"{job}: {string.Join(' ', programs)}");
    }
}
