using CsCheck;
using Google.Protobuf;
using Ogrt.Actors.Jobs;
using Ogrt.Actors.Jobs.Protocol;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Jobs;

public class JobTreePropertySpec
{
    private static readonly string[] Paths = ["/bin/a", "/bin/b", "/opt/c"];
    private static readonly string[] Hosts = ["n1", "n2"];

    // A process: host, pid, parent (index; past the end: never seen), images, end.
    private static readonly Gen<(int Host, int Pid, int Parent, int[] Images, int End)> GenProcess = Gen.Select(
        Gen.Int[0, 1], Gen.Int[1, 4], Gen.Int[-1, 12], Gen.Int[0, 2].Array[1, 3], Gen.Int[-1, 3]);

    private static readonly Gen<List<IMessage>> GenMessages = GenProcess.Array[1, 12].Select(Messages);

    private static readonly Gen<JobLimits> GenLimits = Gen.Select(
        Gen.Int[1, 8], Gen.Int[1, 6], Gen.Int[0, 4], Gen.Int[1, 12], Gen.Int[1, 2],
        (nodes, live, ended, texts, hosts) => new JobLimits
        {
            MaxNodes = nodes, MaxLive = live, MaxEnded = ended, MaxTexts = texts, MaxTextBytes = 4096, MaxHosts = hosts,
        });

    /// <summary>Parents may be later ones, themselves, or in circles; pids repeat; every time is another one.</summary>
    private static List<IMessage> Messages((int Host, int Pid, int Parent, int[] Images, int End)[] processes)
    {
        var messages = new List<IMessage>();
        for (int i = 0; i < processes.Length; i++)
        {
            var p = processes[i];
            bool known = p.Parent >= 0 && p.Parent < processes.Length;
            for (int j = 0; j < p.Images.Length; j++)
            {
                messages.Add(Frames.Process(p.Pid, (ulong)i + 1,
                    p.Parent < 0 ? 0 : known ? processes[p.Parent].Pid : 99,
                    p.Parent < 0 ? 0 : (ulong)p.Parent + 1, Paths[p.Images[j]],
                    Frames.Start + messages.Count * 1000L, Hosts[p.Host], user: "u" + i, cmdline: $"{i}.{j}",
                    modules: p.Images[j] == 2 ? ["m"] : []));
            }
            if (p.End >= 0)
                messages.Add(Frames.End(p.Pid, (ulong)i + 1, Frames.Start + messages.Count * 1000L, p.End, host: Hosts[p.Host], rss: (ulong)i));
        }
        return messages;
    }

    [Fact]
    public void Any_order_and_any_repetition_of_the_same_frames_give_the_same_tree()
    {
        Gen.Select(GenMessages, Gen.Int[0, int.MaxValue]).Sample((messages, seed) =>
        {
            string expected = Grow(messages, JobLimits.Default).Text();
            var random = new Random(seed);
            var again = messages.Concat(messages.Where(_ => random.Next(2) == 0)).ToArray();
            random.Shuffle(again);
            Assert.Equal(expected, Grow(again, JobLimits.Default).Text());
        }, iter: 3000);
    }

    [Fact]
    public void Saving_and_restoring_at_any_moment_changes_nothing_that_follows()
    {
        Gen.Select(GenMessages, GenLimits, Gen.Int[0, int.MaxValue]).Sample((messages, limits, seed) =>
        {
            var random = new Random(seed);
            IMessage[] shuffled = [.. messages, .. messages.Where(_ => random.Next(3) == 0)];
            random.Shuffle(shuffled);
            int cut = random.Next(shuffled.Length + 1);

            JobTree whole = Grow(shuffled, limits);
            JobTree first = Grow(shuffled[..cut], limits);
            JobTree second = JobTree.Restore(limits, TreeState.Parser.ParseFrom(first.Save().ToByteArray()));
            Assert.Equal(first.Text(), second.Text());
            foreach (IMessage message in shuffled[cut..])
                Assert.Equal(first.Apply(message), second.Apply(message));

            Assert.Equal((whole.KnownProcesses, whole.CollapsedNodes, whole.TableEntries), (second.KnownProcesses, second.CollapsedNodes, second.TableEntries));
            Assert.Equal(whole.Text(), second.Text());
            Assert.Equal(whole.KnownProcesses, second.KnownProcesses);
        }, iter: 3000);
    }

    [Fact]
    public void Whatever_the_limits_are_every_process_is_in_exactly_one_node()
    {
        Gen.Select(GenMessages, GenLimits, Gen.Int[0, int.MaxValue], Gen.Int[0, 5]).Sample((messages, limits, seed, maxNodes) =>
        {
            IMessage[] shuffled = [.. messages];
            new Random(seed).Shuffle(shuffled);
            var tree = new JobTree(limits);
            foreach (IMessage message in shuffled)
            {
                tree.Apply(message);
                JobRecord record = tree.Record(maxNodes);
                Assert.Equal(tree.ProcessCount, record.Nodes.Sum(node => (long)node.Count));
                Assert.Equal(tree.EndedCount, record.Nodes.Sum(node => (long)node.Ended));
                Assert.Equal(tree.FailedCount, record.Nodes.Sum(node => (long)node.Failed));
                Assert.Equal(record.OtherCount, record.Nodes.Where(node => node.Other).Aggregate(0UL, (sum, node) => sum + node.Count));
                Assert.True(record.Nodes.Count(node => !node.Other) <= maxNodes);
                Assert.True(tree.KnownProcesses <= limits.MaxLive + limits.MaxEnded);
                Assert.True(tree.CollapsedNodes <= limits.MaxNodes);
            }
        }, iter: 2000);
    }

    private static JobTree Grow(IEnumerable<IMessage> messages, JobLimits limits)
    {
        var tree = new JobTree(limits);
        foreach (IMessage message in messages)
            tree.Apply(message);
        return tree;
    }
}
