namespace Ogrt.Actors.Jobs;

/// <summary>
/// The collapsed part of a job's tree: nodes below the root, and below each process that is known by itself. Since a node
/// hangs below the very process whose children it counts, a parent that turns up late or execs takes them along.
/// </summary>
internal sealed class CollapsedTree(int maxNodes)
{
    private readonly Dictionary<(long Parent, int Chain), CollapsedNode> _nodes = [];
    private readonly Stack<(CollapsedNode Into, CollapsedNode List)> _merges = new();
    private long _lastId;

    /// <summary>What has no known parent.</summary>
    public CollapsedNode Root { get; } = new();

    /// <summary>Nodes, without the root, the holders and the `other` nodes.</summary>
    public int Count { get; private set; }

    /// <summary>A place for a process's collapsed children.</summary>
    public CollapsedNode NewHolder() => new() { Id = ++_lastId };

    /// <summary>
    /// The node of a chain below another; the `other` node there when there are too many. Each node and each holder has at
    /// most one of those, so that they are bounded too.
    /// </summary>
    public CollapsedNode GetOrAdd(CollapsedNode parent, int chain)
    {
        if (parent.Chain == ImageTable.OtherChain)
            return parent;
        if (_nodes.TryGetValue((parent.Id, chain), out CollapsedNode? node))
            return node;
        if (chain != ImageTable.OtherChain)
        {
            if (Count >= maxNodes)
                return GetOrAdd(parent, ImageTable.OtherChain);
            Count++;
        }
        node = new CollapsedNode { Id = ++_lastId, Chain = chain };
        Attach(parent, node);
        return node;
    }

    /// <summary>Moves all nodes below <paramref name="from"/> to <paramref name="into"/>, where equals become one.</summary>
    public void Merge(CollapsedNode into, CollapsedNode? from, bool orphan = false)
    {
        if (from?.FirstChild is not { } list)
            return;
        from.FirstChild = null;
        if (orphan)
            for (CollapsedNode? node = list; node is not null; node = node.NextSibling)
                node.Orphan = true;

        // Not by recursion: a tree may be as deep as someone likes to make it.
        _merges.Push((into, list));
        while (_merges.TryPop(out var merge))
            MergeList(merge.Into, merge.List);
    }

    private void MergeList(CollapsedNode into, CollapsedNode? list)
    {
        while (list is { } node)
        {
            list = node.NextSibling;
            _nodes.Remove((node.Parent, node.Chain));
            // An `other` node has no children: whatever is below it counts in it.
            CollapsedNode? equal = into.Chain == ImageTable.OtherChain ? into
                : _nodes.GetValueOrDefault((into.Id, node.Chain));
            if (equal is null)
            {
                Attach(into, node);
                continue;
            }
            equal.Totals.Add(node.Totals);
            equal.Hosts.Add(node.Hosts);
            equal.Orphan |= node.Orphan;
            if (node.Chain != ImageTable.OtherChain)
                Count--;
            if (node.FirstChild is { } below)
                _merges.Push((equal, below));
        }
    }

    private void Attach(CollapsedNode parent, CollapsedNode node)
    {
        node.Parent = parent.Id;
        node.NextSibling = parent.FirstChild;
        parent.FirstChild = node;
        _nodes.Add((parent.Id, node.Chain), node);
    }

    /// <summary>Gives each node the number that its chain has in another table.</summary>
    public void Renumber(ImageTableCopy copy)
    {
        CollapsedNode[] nodes = [.. _nodes.Values];
        _nodes.Clear();
        foreach (CollapsedNode node in nodes)
        {
            node.Chain = copy.Chain(node.Chain);
            _nodes.Add((node.Parent, node.Chain), node);
        }
    }
}
