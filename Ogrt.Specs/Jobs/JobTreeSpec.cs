using Ogrt.Actors.Jobs;
using Ogrt.Wire.Protocol;
using static Ogrt.Specs.Jobs.Frames;

namespace Ogrt.Specs.Jobs;

public class JobTreeSpec
{
    private readonly JobTree _tree = new(JobLimits.Default);

    private void Apply(params object[] messages)
    {
        foreach (object message in messages)
            _tree.Apply(message);
    }

    [Fact]
    public void Children_are_below_their_parents_and_identical_siblings_are_one_node()
    {
        Apply(
            Process(10, 1, path: "/bin/bash"),
            Process(11, 2, 10, 1, "/bin/make"),
            Process(12, 3, 11, 2, "/bin/gcc"),
            Process(13, 4, 11, 2, "/bin/gcc"),
            Process(14, 5, 12, 3, "/bin/cc1"),
            Process(15, 6, 13, 4, "/bin/cc1"));

        Assert.Equal("bash(make(gcc[2](cc1[2])))", _tree.Shape());
        Assert.Equal(6, _tree.ProcessCount);
    }

    [Fact]
    public void Siblings_with_other_libraries_or_modules_are_nodes_of_their_own()
    {
        Apply(
            Process(10, 1),
            Process(11, 2, 10, 1, "/a"),
            Process(12, 3, 10, 1, "/a", libraries: ["/lib/x.so"]),
            Process(13, 4, 10, 1, "/a", modules: ["gcc/13"]));

        Assert.Equal("sh(a,a,a)", _tree.Shape());
    }

    [Fact]
    public void An_exec_adds_an_image_and_takes_the_children_along()
    {
        Apply(
            Process(10, 1, path: "/bin/bash"),
            Process(11, 2, 10, 1, "/bin/ls"),
            Process(10, 1, path: "/bin/mpirun", timeNs: Start + 1_000_000_000),
            Process(12, 3, 10, 1, "/bin/rank"));

        Assert.Equal("bash>mpirun(ls,rank)", _tree.Shape());
        Assert.Equal(3, _tree.ProcessCount);
        Assert.Equal(4, _tree.ImageCount);
    }

    [Fact]
    public void A_collapsed_sibling_that_execs_moves_to_its_own_node_with_exact_counts()
    {
        Apply(
            Process(1, 1, path: "/bin/bash"),
            Process(10, 2, 1, 1, "/bin/env"),
            Process(11, 3, 1, 1, "/bin/env"),
            Process(12, 4, 1, 1, "/bin/env"));
        Assert.Equal("bash(env[3])", _tree.Shape());

        Apply(Process(11, 3, 1, 1, "/bin/ls", timeNs: Start + 1_000_000_000));

        Assert.Equal("bash(env>ls,env[2])", _tree.Shape());
    }

    [Fact]
    public void Children_that_are_collapsed_already_go_with_a_parent_that_execs()
    {
        var tree = new JobTree(JobLimits.Default with { MaxEnded = 0 });
        tree.Apply(Process(1, 1, path: "/bin/bash"));
        for (int i = 0; i < 5; i++)
        {
            tree.Apply(Process(10 + i, 2, 1, 1, "/bin/ls"));
            tree.Apply(End(10 + i, 2));
        }
        Assert.Equal(1, tree.KnownProcesses);

        tree.Apply(Process(1, 1, path: "/bin/mpirun", timeNs: Start + 1_000_000_000));

        Assert.Equal("bash>mpirun(ls[5])", tree.Shape());
    }

    [Fact]
    public void A_frame_that_comes_twice_changes_nothing()
    {
        Apply(Process(10, 1), End(10, 1));
        string before = _tree.Text();

        Assert.Equal(TreeChange.Duplicate, _tree.Apply(Process(10, 1)));
        Assert.Equal(TreeChange.Duplicate, _tree.Apply(End(10, 1)));
        Assert.Equal(before, _tree.Text());
    }

    [Fact]
    public void A_parent_that_comes_late_takes_its_children_from_the_root()
    {
        Apply(Process(11, 2, 10, 1, "/bin/ls"), Process(12, 3, 10, 1, "/bin/ls"));
        Assert.Equal("ls[2]", _tree.Shape());
        Assert.True(_tree.Record().Nodes[0].Orphan);

        Apply(Process(10, 1, path: "/bin/bash"));

        Assert.Equal("bash(ls[2])", _tree.Shape());
        Assert.False(_tree.Record().Nodes[1].Orphan);
    }

    [Fact]
    public void A_parent_that_comes_after_its_children_were_collapsed_takes_them_too()
    {
        var tree = new JobTree(JobLimits.Default with { MaxEnded = 0 });
        tree.Apply(Process(11, 2, 10, 1, "/bin/ls"));
        tree.Apply(End(11, 2));
        tree.Apply(Process(10, 1, path: "/bin/bash"));

        Assert.Equal("bash(ls)", tree.Shape());
    }

    [Fact]
    public void A_pid_that_repeats_is_another_process()
    {
        Apply(Process(10, 1, path: "/a"), End(10, 1), Process(10, 500, path: "/b"));

        Assert.Equal("a,b", _tree.Shape());
        Assert.Equal(1, _tree.EndedCount);
    }

    [Fact]
    public void The_same_pid_on_two_hosts_is_two_processes()
    {
        Apply(Process(10, 1, host: "n1"), Process(10, 1, host: "n2"), Process(11, 2, 10, 1, "/a", host: "n2"));

        Assert.Equal("sh[2](a)", _tree.Shape());
        Assert.Equal(2, _tree.HostCount);
    }

    [Fact]
    public void A_process_that_claims_to_be_its_own_parent_is_a_root()
    {
        Apply(Process(10, 1, 10, 1), Process(11, 2, 10, 1, "/a"));

        Assert.Equal("sh(a)", _tree.Shape());
    }

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(1, 2, 0)]
    [InlineData(2, 1, 0)]
    public void Parents_in_a_circle_are_cut_where_the_first_one_started(int a, int b, int c)
    {
        ProcessInfo[] circle = [Process(1, 1, 3, 3, "/a"), Process(2, 2, 1, 1, "/b"), Process(3, 3, 2, 2, "/c")];
        Apply(circle[a], circle[b], circle[c]);

        Assert.Equal("a(b(c))", _tree.Shape());
    }

    [Fact]
    public void An_end_before_its_process_is_kept_for_it()
    {
        Apply(End(10, 1, exitCode: 3));
        Assert.Equal(0, _tree.ProcessCount);
        Assert.Equal("", _tree.Shape());

        Apply(Process(10, 1));

        JobNode node = Assert.Single(_tree.Record().Nodes);
        Assert.Equal((1UL, 1UL, 3), (node.Ended, node.Failed, node.ExitCode));
    }

    [Fact]
    public void Resource_usage_is_summed_and_memory_is_the_largest()
    {
        Apply(
            Process(1, 1),
            Process(10, 2, 1, 1, "/a"), End(10, 2, userTime: 100, rss: 5),
            Process(11, 3, 1, 1, "/a"), End(11, 3, userTime: 300, rss: 9, signal: 9),
            Process(12, 4, 1, 1, "/a"));

        JobNode node = _tree.Record().Nodes[1];
        Assert.Equal((3UL, 2UL, 1UL), (node.Count, node.Ended, node.Failed));
        Assert.Equal((400UL, 200UL, 9UL), (node.UserTimeUs, node.SystemTimeUs, node.MaxRssKib));
        Assert.Equal(9u, node.ExitSignal);
    }

    [Fact]
    public void Clocks_that_go_back_change_the_order_of_images_and_nothing_else()
    {
        Apply(
            Process(10, 1, path: "/second", timeNs: Start + 10),
            Process(10, 1, path: "/first", timeNs: Start - 10));

        Assert.Equal("first>second", _tree.Shape());
        Assert.Equal(Start - 10, _tree.FirstTimeNs);
    }

    [Fact]
    public void Without_start_ticks_a_further_image_of_a_pid_is_an_exec_of_the_same_process()
    {
        Apply(
            Process(10, 0, 5, path: "/bin/bash", timeNs: Start),
            Process(10, 0, 5, path: "/bin/srun", timeNs: Start + 2_000_000_000),
            Process(11, 0, 10, path: "/bin/a", timeNs: Start + 3_000_000_000));

        Assert.Equal("bash>srun(a)", _tree.Shape());
    }

    [Theory]
    [InlineData(6, 2)]
    [InlineData(5, 120)]
    public void Without_start_ticks_another_parent_or_a_long_time_make_another_process(int parent, int seconds)
    {
        ProcessInfo first = Process(10, 0, 5, path: "/a", timeNs: Start);
        ProcessInfo second = Process(10, 0, parent, path: "/b", timeNs: Start + seconds * 1_000_000_000L);
        Apply(first, second);

        Assert.Equal("a,b", _tree.Shape());
        Assert.Equal(TreeChange.Duplicate, _tree.Apply(first));
        Assert.Equal(TreeChange.Duplicate, _tree.Apply(second));
    }

    [Fact]
    public void A_child_without_parent_ticks_finds_the_holder_of_the_pid()
    {
        Apply(Process(10, 7, path: "/bin/bash"), Process(11, 0, 10, path: "/old", timeNs: Start));

        Assert.Equal("bash(old)", _tree.Shape());
    }

    [Fact]
    public void A_deep_chain_of_parents_that_comes_backwards_is_no_trouble()
    {
        const int depth = 20_000;
        for (int i = depth; i > 0; i--)
            Apply(Process(i + 1, (ulong)i + 1, i, (ulong)i, "/a"));

        Assert.Equal(depth, _tree.ProcessCount);
        Assert.Equal((ulong)depth, _tree.Record(maxNodes: 100).Nodes.Aggregate(0UL, (sum, node) => sum + node.Count));
    }
}
