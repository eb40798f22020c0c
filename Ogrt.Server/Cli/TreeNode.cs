using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Cli;

/// <summary>One row of a job's tree: the processes of one place that show alike.</summary>
public sealed class TreeNode
{
    /// <summary>
    /// The deepest row. What stands deeper in a record (no shell nests like that; a forged chain of parents may) is shown at
    /// this depth, so that drawing it needs no more stack than a thread has.
    /// </summary>
    public const int MaxDepth = 200;

    private readonly HashSet<string> _hosts = new(StringComparer.Ordinal);

    private TreeNode(JobRecord record, JobNode node)
    {
        Chain = [.. node.Images.Select(i => TextOf(record, i.HasPath ? i.Path : null))];
        Commands = [.. node.Images.Select(i => TextOf(record, i.HasCmdline ? i.Cmdline : null))];
        Source = node;
        Count = node.Count;
        Ended = node.Ended;
        Failed = node.Failed;
        ExitCode = node.HasExitCode ? node.ExitCode : null;
        ExitSignal = node.ExitSignal;
        IsOther = node.Other;
        IsOrphan = node.Orphan;
        FirstTimeNs = node.FirstTimeNs;
        LastTimeNs = node.LastTimeNs;
        HostCount = node.HostCount;
        foreach (uint host in node.Hosts) _hosts.Add(TextOf(record, host));
    }

    /// <summary>The paths of the exec chain, first image first; empty in an <c>other</c> node.</summary>
    public IReadOnlyList<string> Chain { get; }

    /// <summary>The command lines of the chain, of the first process.</summary>
    public IReadOnlyList<string> Commands { get; }

    /// <summary>The node that the row began with.</summary>
    public JobNode Source { get; }

    /// <summary>The processes in the row.</summary>
    public ulong Count { get; private set; }

    /// <summary>Those of them that have ended.</summary>
    public ulong Ended { get; private set; }

    /// <summary>Those that ended with a non-zero exit code or by a signal.</summary>
    public ulong Failed { get; private set; }

    /// <summary>The exit code of the last that ended; null when it is not known.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>The signal that ended the last one; 0 without one.</summary>
    public uint ExitSignal { get; private set; }

    /// <summary>True for a row that only counts what passed the limits of the tree.</summary>
    public bool IsOther { get; }

    /// <summary>True when the parent was never seen.</summary>
    public bool IsOrphan { get; }

    /// <summary>The earliest start, in nanoseconds since 1970.</summary>
    public long FirstTimeNs { get; private set; }

    /// <summary>The last start or end.</summary>
    public long LastTimeNs { get; private set; }

    /// <summary>How many hosts the processes ran on.</summary>
    public uint HostCount { get; private set; }

    /// <summary>The names of some of them.</summary>
    public IReadOnlyCollection<string> Hosts => _hosts;

    /// <summary>The rows below.</summary>
    public List<TreeNode> Children { get; } = [];

    /// <summary>Builds the rows of a job.</summary>
    /// <param name="record">The job. Its nodes may refer wrongly to each other: such a node becomes a root.</param>
    /// <returns>The roots.</returns>
    public static List<TreeNode> Build(JobRecord record)
    {
        var rows = new List<(TreeNode Row, int Parent, int Depth)>(record.Nodes.Count);
        var roots = new List<TreeNode>();
        foreach (JobNode node in record.Nodes)
        {
            var row = new TreeNode(record, node);
            // Parents stand before their children, so that what is not there yet cannot be one and no circle comes about.
            bool hasParent = node.HasParent && node.Parent >= 0 && node.Parent < rows.Count;
            int parent = hasParent ? node.Parent : -1;
            if (hasParent && rows[parent].Depth >= MaxDepth) parent = rows[parent].Parent;
            (parent < 0 ? roots : rows[parent].Row.Children).Add(row);
            rows.Add((row, parent, parent < 0 ? 0 : rows[parent].Depth + 1));
        }
        return roots;
    }

    /// <summary>
    /// Joins rows of one parent that run the same programs, whatever their libraries, and does the same below them: what
    /// the tree shows without <c>--expand</c>.
    /// </summary>
    public static List<TreeNode> Fold(List<TreeNode> rows)
    {
        var folded = new List<TreeNode>();
        var byChain = new Dictionary<string, TreeNode>(StringComparer.Ordinal);
        foreach (TreeNode row in rows)
        {
            string key = $"{row.IsOther}\0{row.IsOrphan}\0{string.Join('\0', row.Chain)}";
            if (byChain.TryGetValue(key, out TreeNode? first))
            {
                first.Join(row);
            }
            else
            {
                byChain.Add(key, row);
                folded.Add(row);
            }
        }
        foreach (TreeNode row in folded)
        {
            List<TreeNode> below = Fold(row.Children);
            row.Children.Clear();
            row.Children.AddRange(below);
        }
        return folded;
    }

    private void Join(TreeNode other)
    {
        if (other.LastTimeNs >= LastTimeNs && other.Ended > 0) (ExitCode, ExitSignal) = (other.ExitCode, other.ExitSignal);
        Count += other.Count;
        Ended += other.Ended;
        Failed += other.Failed;
        FirstTimeNs = FirstTimeNs == 0 ? other.FirstTimeNs : Math.Min(FirstTimeNs, other.FirstTimeNs == 0 ? FirstTimeNs : other.FirstTimeNs);
        LastTimeNs = Math.Max(LastTimeNs, other.LastTimeNs);
        bool namesAreAll = _hosts.Count == HostCount && other._hosts.Count == other.HostCount;
        _hosts.UnionWith(other._hosts);
        HostCount = namesAreAll ? (uint)_hosts.Count : Math.Max(HostCount, Math.Max(other.HostCount, (uint)_hosts.Count));
        Children.AddRange(other.Children);
    }

    private static string TextOf(JobRecord record, uint? index) =>
        index is { } i && i < record.Text.Count ? System.Text.Encoding.UTF8.GetString(record.Text[(int)i].Span) : "";
}
