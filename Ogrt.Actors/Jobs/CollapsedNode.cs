namespace Ogrt.Actors.Jobs;

/// <summary>
/// Processes that are no longer known one by one, of one exec chain and below one parent: a number instead of many. The
/// root, and what a process holds of its own collapsed children, are nodes too, without a chain and without processes.
/// </summary>
internal sealed class CollapsedNode
{
    /// <summary>Never used twice within a tree.</summary>
    public long Id;

    /// <summary>The <see cref="Id"/> of the node that this one is below.</summary>
    public long Parent;

    public int Chain;

    /// <summary>Some of its processes had a parent that was never seen.</summary>
    public bool Orphan;

    public ProcessTotals Totals;
    public HostSet Hosts;
    public CollapsedNode? FirstChild;
    public CollapsedNode? NextSibling;
}
