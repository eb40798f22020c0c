using System.Runtime.InteropServices;
using Ogrt.Wire;

namespace Ogrt.Actors.Jobs;

// Identity of processes, and which is whose parent.
public sealed partial class JobTree
{
    private ProcessEntry FindOrAdd(in ProcessInfoView process, ulong hostHash, int host, long timeNs)
    {
        var key = new ProcessKey(hostHash, process.Pid, process.StartTicks);
        if (_withoutTicks == 0 && key.StartTicks != 0)
            return GetOrAdd(key, host);
        if (_processes.TryGetValue(key, out ProcessEntry? entry))
            return key.StartTicks != 0 || IsSameLegacyProcess(entry, process.ParentPid, timeNs)
                ? entry
                : OtherHolderOfPid(entry, host, timeNs);

        // A child without parent ticks, or an end without ticks, may have told of it before.
        if (key.StartTicks != 0 && _processes.TryGetValue(key with { StartTicks = 0 }, out entry) && !entry.Seen)
        {
            Rekey(entry, key);
            return entry;
        }
        return Add(key, host);
    }

    /// <summary>Whether a client without start ticks tells of the process that holds its pid at present.</summary>
    private static bool IsSameLegacyProcess(ProcessEntry holder, int parentPid, long timeNs)
    {
        if (!holder.Seen)
            return true;
        long window = (long)LegacyExecWindow.TotalNanoseconds;
        return holder.ParentPid == parentPid
            && timeNs >= holder.FirstTimeNs - window
            && timeNs <= holder.Images[holder.ImageCount - 1].TimeNs + window;
    }

    /// <summary>The pid has been given again: to a later process, or the frame is of an earlier one.</summary>
    private ProcessEntry OtherHolderOfPid(ProcessEntry holder, int host, long timeNs)
    {
        ProcessKey present = holder.Key;
        if (timeNs >= holder.FirstTimeNs)
        {
            var former = ProcessKey.Superseded(present.Host, present.Pid, holder.FirstTimeNs);
            if (!_processes.ContainsKey(former))
            {
                Rekey(holder, former);
                return Add(present, host);
            }
        }
        var key = ProcessKey.Superseded(present.Host, present.Pid, timeNs);
        return _processes.GetValueOrDefault(key) ?? Add(key, host);
    }

    private ProcessEntry Add(ProcessKey key, int host)
    {
        ProcessEntry entry = NewEntry(key, host);
        _processes.Add(key, entry);
        return entry;
    }

    /// <summary>The process with this key, looked for once.</summary>
    private ProcessEntry GetOrAdd(ProcessKey key, int host)
    {
        ref ProcessEntry? entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_processes, key, out _);
        return entry ??= NewEntry(key, host);
    }

    /// <summary>An entry that is not among the processes yet.</summary>
    private ProcessEntry NewEntry(ProcessKey key, int host)
    {
        if (!_spare.TryPop(out ProcessEntry? entry))
            entry = new ProcessEntry();
        entry.Key = key;
        entry.Host = host;
        if (key.StartTicks == 0)
            _withoutTicks++;
        _byPid[key.PidKey] = entry;
        Enqueue(entry);
        return entry;
    }

    private void Rekey(ProcessEntry entry, ProcessKey key)
    {
        _withoutTicks += (key.StartTicks == 0 ? 1 : 0) - (entry.Key.StartTicks == 0 ? 1 : 0);
        _processes.Remove(entry.Key);
        entry.Key = key;
        _processes.Add(key, entry);
    }

    /// <summary>Puts a process below the parent that its earliest image names.</summary>
    private void Link(ProcessEntry entry, int parentPid, ulong parentTicks)
    {
        entry.ParentPid = parentPid;
        ProcessEntry? parent = parentPid > 0 ? FindOrAddParent(entry, parentPid, parentTicks) : null;
        if (parent == entry.Parent && parent is not null)
            return;
        Unlink(entry);
        if (parent is null || parent == entry || !BreakCircle(parent, entry))
            return;
        parent.AddChild(entry);
        parent.Queue?.Remove(parent);
    }

    private ProcessEntry FindOrAddParent(ProcessEntry child, int pid, ulong ticks)
    {
        ulong host = child.Key.Host;
        if (_processes.TryGetValue(new ProcessKey(host, pid, ticks), out ProcessEntry? parent))
            return parent;
        // One of the two may come from a client without ticks.
        if ((ticks == 0 || _withoutTicks > 0) && _byPid.TryGetValue(new PidKey(host, pid), out ProcessEntry? holder)
            && (ticks == 0 || holder.Key.StartTicks == 0))
            return holder;
        return Add(new ProcessKey(host, pid, ticks), child.Host);
    }

    /// <summary>
    /// Makes sure that <paramref name="child"/> may go below <paramref name="parent"/>: when parents form a circle, the one
    /// that started first becomes a root. False when that is the child itself.
    /// </summary>
    private bool BreakCircle(ProcessEntry parent, ProcessEntry child)
    {
        if (child.FirstChild is null)
            return true;
        ProcessEntry first = child;
        int depth = 0;
        for (ProcessEntry? at = parent; at != child; at = at.Parent)
        {
            if (at is null)
                return true;
            if (++depth > MaxDepth)
                return false;
            if ((at.FirstTimeNs, at.Key.Pid, at.Key.StartTicks)
                .CompareTo((first.FirstTimeNs, first.Key.Pid, first.Key.StartTicks)) < 0)
            {
                first = at;
            }
        }
        if (first == child)
            return false;
        Unlink(first);
        return true;
    }

    private void Unlink(ProcessEntry entry)
    {
        if (entry.Parent is not { } parent)
            return;
        parent.RemoveChild(entry);
        if (parent.FirstChild is not null)
            return;
        if (!parent.Seen && !parent.Ended && parent.Collapsed is null)
            Remove(parent);
        else
            Enqueue(parent);
    }

    private void Enqueue(ProcessEntry entry)
    {
        if (entry.FirstChild is null)
            (entry.Ended ? _endedLeaves : _liveLeaves).Append(entry);
    }

    /// <summary>Collapses processes until the limits hold. Only those without known children: their parents stay.</summary>
    private void Trim()
    {
        // Each may make its parent the next, so both limits are looked at again.
        while (NextToCollapse() is { } entry)
            Collapse(entry);
    }

    private ProcessEntry? NextToCollapse()
    {
        if (_ended > Limits.MaxEnded && _endedLeaves.First is { } ended)
            return ended;
        // Where there are processes there are some without children: the descendants of the others.
        if (_processes.Count - _ended > Limits.MaxLive)
            return _liveLeaves.First ?? _endedLeaves.First;
        return _processes.Count > Limits.MaxLive + Limits.MaxEnded ? _endedLeaves.First ?? _liveLeaves.First : null;
    }

    private void Collapse(ProcessEntry entry)
    {
        ProcessEntry? parent = entry.Parent;
        if (entry.Seen)
        {
            CollapsedNode below = parent is null ? _collapsed.Root : parent.Collapsed ??= _collapsed.NewHolder();
            CollapsedNode node = _collapsed.GetOrAdd(below, entry.Chain);
            entry.AddTo(ref node.Totals);
            node.Hosts.Add(entry.Host);
            _collapsed.Merge(node, entry.Collapsed);
        }
        else
        {
            _collapsed.Merge(_collapsed.Root, entry.Collapsed, orphan: true);
        }
        entry.Queue?.Remove(entry);
        if (parent is not null)
            Unlink(entry);
        Remove(entry);
    }

    private void Remove(ProcessEntry entry)
    {
        entry.Queue?.Remove(entry);
        if (entry.Ended)
            _ended--;
        _processes.Remove(entry.Key);
        if (entry.Key.StartTicks == 0)
            _withoutTicks--;
        if (_byPid.Remove(entry.Key.PidKey, out ProcessEntry? holder) && holder != entry)
            _byPid.Add(entry.Key.PidKey, holder);
        entry.Reset();
        if (_spare.Count < 1024)
            _spare.Push(entry);
    }
}
