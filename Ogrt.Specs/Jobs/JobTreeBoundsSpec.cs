using Google.Protobuf;
using Ogrt.Actors.Jobs;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Jobs;

public class JobTreeBoundsSpec
{
    [Fact]
    public void Two_million_short_processes_cost_megabytes()
    {
        const int processes = 2_000_000;
        var tree = new JobTree(JobLimits.Default);
        tree.Apply(Frames.Process(1, 1, path: "/bin/bash"));
        ProcessInfo process = Frames.Process(2, 2, 1, 1, "/bin/true");
        ProcessEnd end = Frames.End(2, 2);
        var buffer = new byte[1024];
        for (int i = 0; i < processes; i++)
        {
            process.Pid = end.Pid = 2 + i % 30_000;
            process.StartTicks = end.StartTicks = 2 + (ulong)i;
            process.TimeNs = Frames.Start + i;
            end.EndTimeNs = Frames.Start + i + 100;
            process.Cmdline = i % 2 == 0 ? "true" : "true again";
            Assert.Equal(WireError.None, ProcessInfoView.TryParse(Write(process, buffer), WireLayout.Current, out ProcessInfoView view));
            tree.Apply(view);
            Assert.Equal(WireError.None, ProcessEndView.TryParse(Write(end, buffer), WireLayout.Current, out ProcessEndView endView));
            tree.Apply(endView);
        }

        Assert.Equal("bash(true[2000000])", tree.Shape());
        Assert.Equal(processes + 1, tree.ProcessCount);
        Assert.Equal(processes, tree.EndedCount);
        Assert.True(tree.KnownProcesses <= JobLimits.Default.MaxEnded + 1);
        Assert.Equal(1, tree.CollapsedNodes);
        Assert.True(tree.TableEntries < 20);
        Assert.InRange(tree.Save().CalculateSize(), 1, 4 << 20);
    }

    [Fact]
    public void Processes_that_are_all_different_are_bounded_too()
    {
        var limits = new JobLimits
        {
            MaxNodes = 100, MaxLive = 200, MaxEnded = 100, MaxTexts = 500, MaxTextBytes = 64 << 10, MaxHosts = 10,
        };
        var tree = new JobTree(limits);
        for (int i = 0; i < 20_000; i++)
        {
            tree.Apply(Frames.Process(i + 1, (ulong)i + 1, i + 100_000, 7, "/home/u/" + i, host: "n" + i,
                libraries: ["/lib/" + i], modules: ["m/" + i]));
            if (i % 3 == 0)
                tree.Apply(Frames.End(i + 1, (ulong)i + 1, host: "n" + i));
        }

        Assert.Equal(20_000, tree.ProcessCount);
        Assert.True(tree.KnownProcesses <= limits.MaxLive + limits.MaxEnded);
        Assert.True(tree.CollapsedNodes <= limits.MaxNodes);
        Assert.True(tree.TableEntries <= 4 * limits.MaxTexts + 4);
        JobRecord record = tree.Record(limits.MaxNodes);
        Assert.Equal(20_000UL, record.Nodes.Aggregate(0UL, (sum, node) => sum + node.Count));
        Assert.True(record.OtherCount > 0);
        Assert.Equal(limits.MaxHosts, record.Hosts.Count);
        Assert.Equal(20_000u, record.HostCount);
    }

    [Fact]
    public void Room_that_images_of_forgotten_processes_took_is_used_again()
    {
        var tree = new JobTree(JobLimits.Default with { MaxTexts = 64, MaxLive = 4, MaxEnded = 0, MaxNodes = 4 });
        for (int i = 0; i < 1000; i++)
            tree.Apply(Frames.Process(1, (ulong)i + 1, path: "/bin/p" + i));

        // The last processes have their names, though 1000 did not fit.
        Assert.Contains("p999", tree.Shape(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_of_execs_without_end_keeps_its_first_images_and_counts_the_others()
    {
        var tree = new JobTree(JobLimits.Default);
        for (int i = 0; i < 1000; i++)
            tree.Apply(Frames.Process(1, 1, path: "/bin/a", timeNs: Frames.Start + i));

        Assert.Equal(1, tree.ProcessCount);
        Assert.Equal(1000, tree.ImageCount);
        Assert.Equal(32, Assert.Single(tree.Record().Nodes).Images.Count);
    }

    private static ReadOnlySpan<byte> Write(IMessage message, byte[] buffer)
    {
        int size = message.CalculateSize();
        message.WriteTo(buffer.AsSpan(0, size));
        return buffer.AsSpan(0, size);
    }
}
