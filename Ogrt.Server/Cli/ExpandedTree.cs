using System.IO.Hashing;
using Google.Protobuf;
using Ogrt.Actors.Jobs;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Cli;

/// <summary>
/// A job's tree with a node for each process, from the frames in the store: what <c>tree --expand</c> shows. The record of
/// the job itself has collapsed what is alike.
/// </summary>
public sealed class ExpandedTree
{
    /// <summary>The most processes that are expanded.</summary>
    public const int MaxProcesses = 200_000;

    private readonly Dictionary<(ulong Host, int Pid, ulong Ticks), int> _byKey = [];
    private readonly Dictionary<(ulong Host, int Pid), int> _byPid = [];
    private readonly List<Process> _processes = [];
    private readonly Dictionary<ByteString, uint> _texts = [];
    private readonly JobRecord _record;

    private ExpandedTree(JobRecord record) => _record = record;

    /// <summary>Builds the tree.</summary>
    /// <param name="job">The job's record: its head is taken over.</param>
    /// <param name="frames">The job's frames, in the order of their time.</param>
    /// <returns>A record with a node for each process; null when there are more than can be shown.</returns>
    public static JobRecord? Build(JobRecord job, IEnumerable<StoredFrame> frames)
    {
        JobRecord record = job.Clone();
        record.Nodes.Clear();
        record.Text.Clear();
        var tree = new ExpandedTree(record);
        foreach (StoredFrame frame in frames)
        {
            tree.Add(frame);
            if (tree._processes.Count > MaxProcesses) return null;
        }
        tree.WriteNodes();
        return record;
    }

    private void Add(StoredFrame frame)
    {
        ReadOnlySpan<byte> bytes = frame.Bytes.Span;
        if (bytes.Length < FrameHeader.Size) return;
        ReadOnlySpan<byte> payload = bytes[FrameHeader.Size..];
        switch ((FrameType)FrameHeader.Read(bytes).Type)
        {
            case FrameType.ProcessInfo when ProcessInfoView.TryParse(payload, frame.Layout, out ProcessInfoView process) == WireError.None:
                Add(process);
                break;
            case FrameType.ProcessEnd when ProcessEndView.TryParse(payload, frame.Layout, out ProcessEndView end) == WireError.None:
                Add(end);
                break;
        }
    }

    private void Add(in ProcessInfoView view)
    {
        // As in the job's own tree: no process has such a pid.
        if (view.Pid <= 0) return;
        ulong host = XxHash3.HashToUInt64(view.Hostname);
        var key = (host, view.Pid, view.StartTicks);
        ulong parentTicks = view.HasParentStartTicks ? view.ParentStartTicks : 0;
        bool known = _byKey.TryGetValue(key, out int index) && (view.HasStartTicks || IsSame(_processes[index], view));
        if (!known)
        {
            index = _processes.Count;
            _processes.Add(new Process(host, view.ParentPid, parentTicks));
            _byKey[key] = index;
        }
        _byPid[(host, view.Pid)] = index;
        JobNode node = _processes[index].Node;
        if (!known)
        {
            node.Pid = view.Pid;
            node.Count = 1;
            node.FirstTimeNs = view.TimeNs;
            node.HostCount = 1;
            node.Hosts.Add(Text(view.Hostname));
            foreach (ModuleView module in view.LoadedModules) node.Modules.Add(Text(module.Name));
        }
        node.LastTimeNs = Math.Max(node.LastTimeNs, view.TimeNs);
        var image = new JobImage { Path = Text(view.Binpath), Cmdline = Text(view.Cmdline) };
        if (view.HasSignature) image.Signature = Text(view.Signature);
        foreach (SharedObjectView library in view.SharedObjects) image.SharedObjects.Add(Text(library.Path));
        node.Images.Add(image);
    }

    // Without start ticks the pid must do, as in the job's own tree: under another parent, or long after, it is another process.
    private static bool IsSame(Process holder, in ProcessInfoView view) =>
        holder.ParentPid == view.ParentPid
        && (Int128)view.TimeNs - holder.Node.LastTimeNs <= (Int128)JobTree.LegacyExecWindow.TotalNanoseconds;

    private void Add(in ProcessEndView end)
    {
        ulong host = XxHash3.HashToUInt64(end.Hostname);
        if (!_byKey.TryGetValue((host, end.Pid, end.StartTicks), out int index)) return;
        JobNode node = _processes[index].Node;
        node.Ended = 1;
        if (end.HasExitCode) node.ExitCode = end.ExitCode;
        if (end.HasExitSignal) node.ExitSignal = end.ExitSignal;
        if (end is { HasExitCode: true, ExitCode: not 0 } or { HasExitSignal: true, ExitSignal: not 0 }) node.Failed = 1;
        if (end.HasEndTimeNs) node.LastTimeNs = Math.Max(node.LastTimeNs, end.EndTimeNs);
        if (end.HasUserTimeUs) node.UserTimeUs = end.UserTimeUs;
        if (end.HasSystemTimeUs) node.SystemTimeUs = end.SystemTimeUs;
        if (end.HasMaxRssKib) node.MaxRssKib = end.MaxRssKib;
    }

    // Parents before children. Whoever cannot be reached from a root (parents in a circle) becomes a root.
    private void WriteNodes()
    {
        var children = new Dictionary<int, List<int>>();
        var roots = new List<int>();
        for (int i = 0; i < _processes.Count; i++)
        {
            int parent = ParentOf(i);
            if (parent < 0)
            {
                _processes[i].Node.Orphan = true;
                roots.Add(i);
                continue;
            }
            if (!children.TryGetValue(parent, out List<int>? siblings)) children[parent] = siblings = [];
            siblings.Add(i);
        }
        var written = new bool[_processes.Count];
        foreach (int root in roots.Concat(Enumerable.Range(0, _processes.Count)))
        {
            var open = new Stack<(int Process, int Parent)>();
            open.Push((root, -1));
            while (open.TryPop(out (int Process, int Parent) next))
            {
                if (written[next.Process]) continue;
                written[next.Process] = true;
                JobNode node = _processes[next.Process].Node;
                node.Parent = next.Parent;
                int index = _record.Nodes.Count;
                _record.Nodes.Add(node);
                if (!children.TryGetValue(next.Process, out List<int>? below)) continue;
                for (int i = below.Count - 1; i >= 0; i--) open.Push((below[i], index));
            }
        }
    }

    private int ParentOf(int index)
    {
        Process process = _processes[index];
        bool found = process.ParentTicks != 0
            ? _byKey.TryGetValue((process.Host, process.ParentPid, process.ParentTicks), out int parent)
            : _byPid.TryGetValue((process.Host, process.ParentPid), out parent);
        return found && parent != index ? parent : -1;
    }

    private uint Text(ReadOnlySpan<byte> bytes)
    {
        ByteString text = ByteString.CopyFrom(bytes);
        if (_texts.TryGetValue(text, out uint index)) return index;
        index = (uint)_record.Text.Count;
        _record.Text.Add(text);
        return _texts[text] = index;
    }

    private sealed record Process(ulong Host, int ParentPid, ulong ParentTicks)
    {
        public JobNode Node { get; } = new();
    }
}
