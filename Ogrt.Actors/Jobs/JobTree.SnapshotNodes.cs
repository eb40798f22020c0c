using Ogrt.Actors.Jobs.Protocol;

namespace Ogrt.Actors.Jobs;

// The collapsed part of a saved tree.
public sealed partial class JobTree
{
    private void SaveNodes(TreeState state, Dictionary<ProcessEntry, int> rows)
    {
        // Breadth first: parents get their rows before their children.
        var waiting = new Queue<(CollapsedNode Node, int Process, int Parent)>();
        Children(_collapsed.Root, 0, 0);
        foreach ((ProcessEntry entry, int row) in rows)
            if (entry.Collapsed is { } holder)
                Children(holder, row + 1, 0);

        while (waiting.TryDequeue(out var next))
        {
            SaveNode(state, next.Node, next.Process, next.Parent);
            Children(next.Node, 0, state.NodeChains.Count);
        }

        void Children(CollapsedNode of, int process, int parent)
        {
            for (CollapsedNode? node = of.FirstChild; node is not null; node = node.NextSibling)
                waiting.Enqueue((node, process, parent));
        }
    }

    private static void SaveNode(TreeState state, CollapsedNode node, int process, int parent)
    {
        ref readonly ProcessTotals totals = ref node.Totals;
        state.NodeProcesses.Add(process);
        state.NodeParents.Add(parent);
        state.NodeChains.Add(node.Chain);
        state.NodeOrphans.Add(node.Orphan);
        state.NodeCounts.Add(totals.Count);
        state.NodeEnded.Add(totals.Ended);
        state.NodeFailed.Add(totals.Failed);
        state.NodeImages.Add(totals.Images);
        state.NodeFirstTimes.Add(totals.FirstTimeNs);
        state.NodeLastTimes.Add(totals.LastTimeNs);
        state.NodeUserTimes.Add(totals.UserTimeUs);
        state.NodeSystemTimes.Add(totals.SystemTimeUs);
        state.NodeMaxRss.Add(totals.MaxRssKib);
        state.NodeFirstPids.Add(totals.FirstPid);
        state.NodeLastEnds.Add(totals.LastEndNs);
        state.NodeExitCodes.Add(totals.LastExitCode ?? NoExitCode);
        state.NodeExitSignals.Add(totals.LastExitSignal);
        state.NodeHostCounts.Add(node.Hosts.Count);
        foreach (int host in node.Hosts.Hosts)
            state.NodeHosts.Add(host);
        state.NodeCommandLineCounts.Add(totals.FirstCommandLines?.Length ?? 0);
        foreach (byte[]? commandLine in totals.FirstCommandLines ?? [])
            state.NodeCommandLines.Add(Wrap(commandLine));
    }

    private void RestoreNodes(TreeState state, ProcessEntry[] processes)
    {
        var nodes = new CollapsedNode[state.NodeChains.Count];
        int host = 0, commandLine = 0;
        for (int i = 0; i < nodes.Length; i++)
        {
            CollapsedNode below = (state.NodeProcesses[i], state.NodeParents[i]) switch
            {
                (0, 0) => _collapsed.Root,
                (0, int parent) => nodes[Below(parent - 1, i)],
                (int process, _) => processes[process - 1].Collapsed ??= _collapsed.NewHolder(),
            };
            int chain = Below(state.NodeChains[i], _images.Chains.Count);
            CollapsedNode node = nodes[i] = _collapsed.GetOrAdd(below, chain);
            node.Orphan |= state.NodeOrphans[i];
            var commandLines = new byte[]?[state.NodeCommandLineCounts[i]];
            for (int j = 0; j < commandLines.Length; j++)
                commandLines[j] = Unwrap(state.NodeCommandLines[commandLine++]);
            for (int j = 0; j < state.NodeHostCounts[i]; j++)
                node.Hosts.Add(Below(state.NodeHosts[host++], _hosts.Count));
            node.Totals.Add(new ProcessTotals
            {
                Count = state.NodeCounts[i],
                Ended = state.NodeEnded[i],
                Failed = state.NodeFailed[i],
                Images = state.NodeImages[i],
                FirstTimeNs = state.NodeFirstTimes[i],
                LastTimeNs = state.NodeLastTimes[i],
                UserTimeUs = state.NodeUserTimes[i],
                SystemTimeUs = state.NodeSystemTimes[i],
                MaxRssKib = state.NodeMaxRss[i],
                FirstPid = state.NodeFirstPids[i],
                FirstCommandLines = commandLines,
                LastEndNs = state.NodeLastEnds[i],
                LastExitCode = state.NodeExitCodes[i] == NoExitCode ? null : (int)state.NodeExitCodes[i],
                LastExitSignal = state.NodeExitSignals[i],
            });
        }
    }
}
