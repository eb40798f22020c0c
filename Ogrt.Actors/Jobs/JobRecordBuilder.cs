using Google.Protobuf;
using Ogrt.Wire.Protocol;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// Writes a tree as a job record: processes that are still known one by one and collapsed ones come together in nodes,
/// identical siblings in one. Level by level, so that a record that is too large lacks what is deepest.
/// </summary>
internal sealed class JobRecordBuilder(JobRecord record, ImageTable images, TextTable hosts, int maxNodes)
{
    private const int MaxHostsOfNode = 8;

    private readonly Queue<Group> _waiting = new();
    private readonly Dictionary<int, Group> _children = [];
    private readonly Dictionary<int, uint> _texts = [];
    private readonly Dictionary<int, uint> _hostTexts = [];
    private readonly Dictionary<string, uint> _commandLines = [];

    /// <summary>Adds the nodes, given what is at the root.</summary>
    public void Build(IEnumerable<ProcessEntry> processes, CollapsedNode root)
    {
        var top = new Group { Row = -1 };
        top.Nodes.Add(root);
        foreach (ProcessEntry entry in processes)
        {
            if (entry.Parent is not null)
                continue;
            if (entry.Seen)
                AddTo(entry, entry.ParentPid > 0);
            else
                AddChildren(entry, orphan: true);
        }
        AddNodes(root, orphan: false);
        Emit(top.Row);

        while (_waiting.TryDequeue(out Group? group))
        {
            // What is below an `other` node is counted in it already.
            foreach (ProcessEntry entry in group.Entries)
                AddChildren(entry, orphan: false);
            foreach (CollapsedNode node in group.Nodes)
                AddNodes(node, orphan: false);
            Emit(group.Row);
        }
    }

    private void AddChildren(ProcessEntry of, bool orphan)
    {
        for (ProcessEntry? child = of.FirstChild; child is not null; child = child.NextSibling)
            AddTo(child, orphan);
        if (of.Collapsed is { } holder)
            AddNodes(holder, orphan);
    }

    private void AddNodes(CollapsedNode of, bool orphan)
    {
        for (CollapsedNode? node = of.FirstChild; node is not null; node = node.NextSibling)
        {
            Group group = GroupOf(node.Chain);
            group.Nodes.Add(node);
            group.Totals.Add(node.Totals);
            group.Hosts.Add(node.Hosts);
            group.Orphan |= orphan || node.Orphan;
        }
    }

    private void AddTo(ProcessEntry entry, bool orphan)
    {
        Group group = GroupOf(entry.Chain);
        group.Entries.Add(entry);
        entry.AddTo(ref group.Totals);
        group.Hosts.Add(entry.Host);
        group.Orphan |= orphan;
    }

    private Group GroupOf(int chain)
    {
        if (!_children.TryGetValue(chain, out Group? group))
            _children.Add(chain, group = new Group { Chain = chain });
        return group;
    }

    /// <summary>Writes the groups gathered as children of a row, the earliest first, and lets them wait for their own.</summary>
    private void Emit(int parent)
    {
        if (_children.Count == 0)
            return;
        Group[] groups = [.. _children.Values];
        _children.Clear();
        Array.Sort(groups, static (a, b) =>
            (a.Totals.FirstTimeNs, a.Totals.FirstPid, a.Chain).CompareTo((b.Totals.FirstTimeNs, b.Totals.FirstPid, b.Chain)));

        Group? other = null;
        foreach (Group group in groups)
        {
            if (group.Chain != ImageTable.OtherChain && record.Nodes.Count < maxNodes)
            {
                group.Row = record.Nodes.Count;
                WriteNode(group, parent);
                _waiting.Enqueue(group);
                continue;
            }
            other ??= new Group { Chain = ImageTable.OtherChain };
            CountAll(group, other);
        }
        if (other is null)
            return;
        WriteNode(other, parent);
        record.OtherCount += (ulong)other.Totals.Count;
    }

    /// <summary>Counts a group and all that is below it.</summary>
    private static void CountAll(Group group, Group other)
    {
        other.Orphan |= group.Orphan;
        other.Totals.Add(group.Totals);
        other.Hosts.Add(group.Hosts);
        var entries = new Stack<ProcessEntry>(group.Entries);
        var nodes = new Stack<CollapsedNode>(group.Nodes);
        while (entries.TryPop(out ProcessEntry? entry))
        {
            for (ProcessEntry? child = entry.FirstChild; child is not null; child = child.NextSibling)
            {
                child.AddTo(ref other.Totals);
                other.Hosts.Add(child.Host);
                entries.Push(child);
            }
            if (entry.Collapsed is { } holder)
                nodes.Push(holder);
        }
        while (nodes.TryPop(out CollapsedNode? node))
        {
            for (CollapsedNode? child = node.FirstChild; child is not null; child = child.NextSibling)
            {
                other.Totals.Add(child.Totals);
                other.Hosts.Add(child.Hosts);
                nodes.Push(child);
            }
        }
    }

    private void WriteNode(Group group, int parent)
    {
        ref readonly ProcessTotals totals = ref group.Totals;
        var node = new JobNode
        {
            Parent = parent,
            Count = (ulong)totals.Count,
            Ended = (ulong)totals.Ended,
            Failed = (ulong)totals.Failed,
            HostCount = (uint)group.Hosts.Count,
            FirstTimeNs = totals.FirstTimeNs,
            LastTimeNs = totals.LastTimeNs,
            UserTimeUs = totals.UserTimeUs,
            SystemTimeUs = totals.SystemTimeUs,
            MaxRssKib = totals.MaxRssKib,
            Pid = totals.FirstPid,
        };
        if (totals.Ended > 0)
        {
            if (totals.LastExitCode is { } code)
                node.ExitCode = code;
            node.ExitSignal = totals.LastExitSignal;
        }
        if (group.Orphan)
            node.Orphan = true;
        foreach (int host in group.Hosts.Hosts[..Math.Min(group.Hosts.Count, MaxHostsOfNode)])
            node.Hosts.Add(Text(host, hosts, _hostTexts));
        if (group.Chain == ImageTable.OtherChain)
            node.Other = true;
        else
            WriteImages(node, group);
        record.Nodes.Add(node);
    }

    private void WriteImages(JobNode node, Group group)
    {
        var chain = new Stack<int>();
        for (int at = group.Chain; at != ImageTable.NoChain; at = images.Chains[at].Previous)
            chain.Push(images.Chains[at].Image);
        foreach (int number in chain)
        {
            Image image = images.Images[number];
            var written = new JobImage { Path = Text(image.Path, images.Texts, _texts) };
            if (image.Signature >= 0)
                written.Signature = Text(image.Signature, images.Texts, _texts);
            if (group.Totals.FirstCommandLines is { } lines && node.Images.Count < lines.Length
                && lines[node.Images.Count] is { } line)
            {
                written.Cmdline = CommandLine(line);
            }
            foreach (int path in images.Lists[image.Objects])
                written.SharedObjects.Add(Text(path, images.Texts, _texts));
            node.Images.Add(written);
            if (node.Images.Count == chain.Count)
                foreach (int name in images.Lists[image.Modules])
                    node.Modules.Add(Text(name, images.Texts, _texts));
        }
    }

    private uint Text(int number, TextTable table, Dictionary<int, uint> known)
    {
        if (known.TryGetValue(number, out uint text))
            return text;
        text = (uint)record.Text.Count;
        record.Text.Add(UnsafeByteOperations.UnsafeWrap(table[number]));
        known.Add(number, text);
        return text;
    }

    private uint CommandLine(byte[] line)
    {
        string key = System.Text.Encoding.Latin1.GetString(line);
        if (_commandLines.TryGetValue(key, out uint text))
            return text;
        text = (uint)record.Text.Count;
        record.Text.Add(UnsafeByteOperations.UnsafeWrap(line));
        _commandLines.Add(key, text);
        return text;
    }

    /// <summary>What becomes one node of the record.</summary>
    private sealed class Group
    {
        public int Chain;
        public int Row;
        public bool Orphan;
        public ProcessTotals Totals;
        public HostSet Hosts;

        public List<ProcessEntry> Entries { get; } = [];

        public List<CollapsedNode> Nodes { get; } = [];
    }
}
