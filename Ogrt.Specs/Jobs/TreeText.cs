using System.Text;
using Ogrt.Actors.Jobs;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Jobs;

/// <summary>Applies messages to a tree and tells what the tree says, in a form that can be compared and read.</summary>
internal static class TreeText
{
    public static TreeChange Apply(this JobTree tree, object message, WireLayout layout = WireLayout.Current)
    {
        switch (message)
        {
            case ProcessInfo process:
                Assert.Equal(WireError.None, ProcessInfoView.TryParse(Payload(process), layout, out ProcessInfoView view));
                return tree.Apply(view);
            case ProcessEnd end:
                Assert.Equal(WireError.None, ProcessEndView.TryParse(Payload(end), layout, out ProcessEndView endView));
                return tree.Apply(endView);
            default:
                throw new ArgumentException("Not a message of a process.", nameof(message));
        }
    }

    public static JobRecord Record(this JobTree tree, int maxNodes = int.MaxValue)
    {
        var record = new JobRecord();
        tree.WriteTo(record, maxNodes);
        return record;
    }

    /// <summary>Counts, and a line for each node, children below their parents in an order that depends on names only.</summary>
    public static string Text(this JobTree tree) => Text(tree.Record());

    public static string Text(JobRecord record)
    {
        var children = record.Nodes.Select((node, row) => (node, row)).ToLookup(pair => pair.node.Parent, pair => pair.row);
        var text = new StringBuilder();
        text.Append($"processes {record.ProcessCount} images {record.ImageCount} live {record.LiveCount} "
            + $"failed {record.FailedCount} hosts {record.HostCount} other {record.OtherCount} user {record.User?.ToStringUtf8()} "
            + $"from {record.FirstTimeNs} to {record.LastTimeNs}\n");
        Append(-1, 0);
        return text.ToString();

        void Append(int parent, int depth)
        {
            foreach (int row in children[parent].OrderBy(row => Line(record, record.Nodes[row]), StringComparer.Ordinal))
            {
                text.Append(' ', 2 * depth).Append(Line(record, record.Nodes[row])).Append('\n');
                Append(row, depth + 1);
            }
        }
    }

    /// <summary>Only names and numbers of processes: "sh[2](make,gcc>cc1)".</summary>
    public static string Shape(this JobTree tree)
    {
        JobRecord record = tree.Record();
        var children = record.Nodes.Select((node, row) => (node, row)).ToLookup(pair => pair.node.Parent, pair => pair.row);
        return Of(-1);

        string Of(int parent) => string.Join(",", children[parent].Select(row =>
        {
            JobNode node = record.Nodes[row];
            string below = Of(row);
            return Name(record, node) + (node.Count == 1 ? "" : $"[{node.Count}]") + (below.Length == 0 ? "" : $"({below})");
        }).Order(StringComparer.Ordinal));
    }

    private static string Line(JobRecord record, JobNode node) =>
        $"{Name(record, node)} x{node.Count} ended {node.Ended} failed {node.Failed} orphan {node.Orphan} "
        + $"hosts {node.HostCount}:{string.Join("+", node.Hosts.Select(h => record.Text[(int)h].ToStringUtf8()).Order(StringComparer.Ordinal))} "
        + $"{node.FirstTimeNs}-{node.LastTimeNs} cpu {node.UserTimeUs}/{node.SystemTimeUs} rss {node.MaxRssKib} pid {node.Pid} "
        + $"exit {node.ExitCode}/{node.ExitSignal} "
        + string.Join(" > ", node.Images.Select(i => $"{record.Text[(int)i.Cmdline].ToStringUtf8()} {{{string.Join(" ", i.SharedObjects.Select(s => record.Text[(int)s].ToStringUtf8()))}}}"))
        + $" modules {string.Join(" ", node.Modules.Select(m => record.Text[(int)m].ToStringUtf8()))}";

    private static string Name(JobRecord record, JobNode node) => node.Other ? "other"
        : string.Join(">", node.Images.Select(i => Path.GetFileName(record.Text[(int)i.Path].ToStringUtf8())));

    private static byte[] Payload(Google.Protobuf.IMessage message) => Google.Protobuf.MessageExtensions.ToByteArray(message);
}
