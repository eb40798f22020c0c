using System.Runtime.InteropServices;
using Google.Protobuf;
using Ogrt.Actors.Jobs.Protocol;

namespace Ogrt.Actors.Jobs;

// Saving and restoring: a restored tree answers to everything that follows as the saved one does.
public sealed partial class JobTree
{
    private const uint EndedFlag = 1;
    private const uint ExitCodeFlag = 2;
    private const uint HoldsPidFlag = 4;
    private const long NoExitCode = 1L << 40;

    /// <summary>The whole tree, to be saved.</summary>
    public TreeState Save()
    {
        // What is garbage by now need not be written down. Done to the tree itself, so that it and its copy go on alike.
        if (_images.Size > 2 * _compactedSize + 1024)
            Compact();
        var state = new TreeState();
        SaveTables(state);
        SaveCounts(state);
        var rows = new Dictionary<ProcessEntry, int>(_processes.Count);
        SaveProcesses(state, rows);
        SaveNodes(state, rows);
        return state;
    }

    /// <summary>A tree as it was when it was saved.</summary>
    /// <exception cref="InvalidDataException">The state contradicts itself.</exception>
    public static JobTree Restore(JobLimits limits, TreeState state)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(state);
        var tree = new JobTree(limits);
        try
        {
            tree.RestoreTables(state);
            tree.RestoreCounts(state);
            ProcessEntry[] processes = tree.RestoreProcesses(state);
            tree.RestoreNodes(state, processes);
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("A saved job tree contradicts itself.", e);
        }
        // The limits may be smaller than they were.
        tree.Trim();
        return tree;
    }

    private void SaveTables(TreeState state)
    {
        for (int i = 0; i < _images.Texts.Count; i++)
            state.Texts.Add(UnsafeByteOperations.UnsafeWrap(_images.Texts[i]));
        for (int i = 0; i < _hosts.Count; i++)
            state.Hosts.Add(UnsafeByteOperations.UnsafeWrap(_hosts[i]));
        state.UnnamedHosts.Add(_unnamedHosts);
        // The first list, image and the first two chains are in every table.
        foreach (int[] list in CollectionsMarshal.AsSpan(_images.Lists)[1..])
        {
            state.ListLengths.Add(list.Length);
            state.ListItems.Add(list);
        }
        foreach (Image image in CollectionsMarshal.AsSpan(_images.Images)[1..])
        {
            state.ImagePaths.Add(image.Path);
            state.ImageSignatures.Add(image.Signature);
            state.ImageObjects.Add(image.Objects);
            state.ImageModules.Add(image.Modules);
        }
        foreach (ChainLink link in CollectionsMarshal.AsSpan(_images.Chains)[2..])
        {
            state.ChainPrevious.Add(link.Previous);
            state.ChainImages.Add(link.Image);
        }
        state.CompactedSize = _compactedSize;
    }

    private void RestoreTables(TreeState state)
    {
        // The tables may be past limits that have become smaller: then they take nothing further, until compacted.
        var images = new ImageTable(Limits with { MaxTexts = int.MaxValue / 64, MaxTextBytes = long.MaxValue });
        foreach (ByteString text in state.Texts)
            images.Texts.TryIntern(text.Span, out _);
        int item = 0;
        foreach (int length in state.ListLengths)
        {
            var list = new int[length];
            for (int i = 0; i < length; i++)
                list[i] = Below(state.ListItems[item++], images.Texts.Count);
            images.TryInternList(list, out _);
        }
        for (int i = 0; i < state.ImagePaths.Count; i++)
        {
            images.TryIntern(new Image(
                Below(state.ImagePaths[i], images.Texts.Count),
                state.ImageSignatures[i] < 0 ? -1 : Below(state.ImageSignatures[i], images.Texts.Count),
                Below(state.ImageObjects[i], images.Lists.Count),
                Below(state.ImageModules[i], images.Lists.Count)), out _);
        }
        for (int i = 0; i < state.ChainPrevious.Count; i++)
            images.InternChain(Below(state.ChainPrevious[i], images.Chains.Count), Below(state.ChainImages[i], images.Images.Count));
        images.Limit(Limits);
        _images = images;
        _compactedSize = state.CompactedSize;

        foreach (ByteString host in state.Hosts)
            _hosts.TryIntern(host.Span, out _);
        _unnamedHosts.UnionWith(state.UnnamedHosts);
    }

    private void SaveCounts(TreeState state)
    {
        state.ProcessCount = ProcessCount;
        state.ImageCount = ImageCount;
        state.EndedCount = EndedCount;
        state.FailedCount = FailedCount;
        state.FirstTimeNs = FirstTimeNs;
        state.LastTimeNs = LastTimeNs;
        if (StartTimeNs is { } start)
            state.StartTimeNs = start;
        if (EndTimeNs is { } end)
            state.EndTimeNs = end;
        if (_user is not null)
        {
            state.User = UnsafeByteOperations.UnsafeWrap(_user);
            state.UserTimeNs = _userTimeNs;
        }
    }

    private void RestoreCounts(TreeState state)
    {
        ProcessCount = state.ProcessCount;
        ImageCount = state.ImageCount;
        EndedCount = state.EndedCount;
        FailedCount = state.FailedCount;
        FirstTimeNs = state.FirstTimeNs;
        LastTimeNs = state.LastTimeNs;
        StartTimeNs = state.HasStartTimeNs ? state.StartTimeNs : null;
        EndTimeNs = state.HasEndTimeNs ? state.EndTimeNs : null;
        _user = state.HasUser ? state.User.ToByteArray() : null;
        _userTimeNs = state.UserTimeNs;
    }

    private void SaveProcesses(TreeState state, Dictionary<ProcessEntry, int> rows)
    {
        for (ProcessEntry? entry = _liveLeaves.First; entry is not null; entry = entry.QueueNext)
            rows.Add(entry, rows.Count);
        for (ProcessEntry? entry = _endedLeaves.First; entry is not null; entry = entry.QueueNext)
            rows.Add(entry, rows.Count);
        foreach (ProcessEntry entry in _processes.Values)
            rows.TryAdd(entry, rows.Count);

        Reserve(state, rows.Count);
        foreach (ProcessEntry entry in rows.Keys)
        {
            bool holdsPid = _byPid.GetValueOrDefault(entry.Key.PidKey) == entry;
            state.ProcessHostHashes.Add(entry.Key.Host);
            state.ProcessHosts.Add(entry.Host);
            state.ProcessPids.Add(entry.Key.Pid);
            state.ProcessStartTicks.Add(entry.Key.StartTicks);
            state.ProcessParentPids.Add(entry.ParentPid);
            state.ProcessParents.Add(entry.Parent is null ? 0 : rows[entry.Parent] + 1);
            state.ProcessChains.Add(entry.Chain);
            state.ProcessImageCounts.Add(entry.ImageCount);
            state.ProcessFurtherImages.Add(entry.FurtherImages);
            state.ProcessFlags.Add((entry.Ended ? EndedFlag : 0) | (entry.ExitCode is null ? 0 : ExitCodeFlag)
                | (holdsPid ? HoldsPidFlag : 0));
            state.ProcessEndTimes.Add(entry.EndTimeNs);
            state.ProcessExitCodes.Add(entry.ExitCode ?? 0);
            state.ProcessExitSignals.Add(entry.ExitSignal);
            state.ProcessUserTimes.Add(entry.UserTimeUs);
            state.ProcessSystemTimes.Add(entry.SystemTimeUs);
            state.ProcessMaxRss.Add(entry.MaxRssKib);
            foreach (ref readonly ImageUse use in entry.Images.AsSpan(0, entry.ImageCount))
            {
                state.UseImages.Add(use.Image);
                state.UseTimes.Add(use.TimeNs);
                state.UseCommandLines.Add(Wrap(use.CommandLine));
            }
        }
    }

    /// <summary>Columns of a known length need not grow: that is half the cost of a snapshot of a large tree.</summary>
    private static void Reserve(TreeState state, int processes)
    {
        state.ProcessHostHashes.Capacity = processes;
        state.ProcessHosts.Capacity = processes;
        state.ProcessPids.Capacity = processes;
        state.ProcessStartTicks.Capacity = processes;
        state.ProcessParentPids.Capacity = processes;
        state.ProcessParents.Capacity = processes;
        state.ProcessChains.Capacity = processes;
        state.ProcessImageCounts.Capacity = processes;
        state.ProcessFurtherImages.Capacity = processes;
        state.ProcessFlags.Capacity = processes;
        state.ProcessEndTimes.Capacity = processes;
        state.ProcessExitCodes.Capacity = processes;
        state.ProcessExitSignals.Capacity = processes;
        state.ProcessUserTimes.Capacity = processes;
        state.ProcessSystemTimes.Capacity = processes;
        state.ProcessMaxRss.Capacity = processes;
        state.UseImages.Capacity = processes;
        state.UseTimes.Capacity = processes;
        state.UseCommandLines.Capacity = processes;
    }

    private ProcessEntry[] RestoreProcesses(TreeState state)
    {
        var processes = new ProcessEntry[state.ProcessPids.Count];
        int use = 0;
        for (int i = 0; i < processes.Length; i++)
        {
            uint flags = state.ProcessFlags[i];
            var entry = new ProcessEntry
            {
                Key = new ProcessKey(state.ProcessHostHashes[i], state.ProcessPids[i], state.ProcessStartTicks[i]),
                Host = state.ProcessHosts[i] < 0 ? -1 : Below(state.ProcessHosts[i], _hosts.Count),
                ParentPid = state.ProcessParentPids[i],
                Chain = Below(state.ProcessChains[i], _images.Chains.Count),
                FurtherImages = state.ProcessFurtherImages[i],
                Ended = (flags & EndedFlag) != 0,
                EndTimeNs = state.ProcessEndTimes[i],
                ExitCode = (flags & ExitCodeFlag) != 0 ? state.ProcessExitCodes[i] : null,
                ExitSignal = state.ProcessExitSignals[i],
                UserTimeUs = state.ProcessUserTimes[i],
                SystemTimeUs = state.ProcessSystemTimes[i],
                MaxRssKib = state.ProcessMaxRss[i],
                Images = new ImageUse[Math.Max(1, state.ProcessImageCounts[i])],
                ImageCount = state.ProcessImageCounts[i],
            };
            for (int j = 0; j < entry.ImageCount; j++, use++)
            {
                entry.Images[j] = new ImageUse(
                    Below(state.UseImages[use], _images.Images.Count), state.UseTimes[use], Unwrap(state.UseCommandLines[use]));
            }
            processes[i] = entry;
            _processes.Add(entry.Key, entry);
            if (entry.Key.StartTicks == 0)
                _withoutTicks++;
            if ((flags & HoldsPidFlag) != 0)
                _byPid.Add(entry.Key.PidKey, entry);
            if (entry.Ended)
                _ended++;
        }
        for (int i = 0; i < processes.Length; i++)
            if (state.ProcessParents[i] is > 0 and int row)
                processes[row - 1].AddChild(processes[i]);
        foreach (ProcessEntry entry in processes)
            Enqueue(entry);
        return processes;
    }

    private static ByteString Wrap(byte[]? bytes) => bytes is null ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(bytes);

    private static byte[]? Unwrap(ByteString bytes) => bytes.IsEmpty ? null : bytes.ToByteArray();

    private static int Below(int number, int count) =>
        (uint)number < (uint)count ? number : throw new ArgumentOutOfRangeException(nameof(number));
}
