using System.IO.Hashing;
using Ogrt.Wire;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// The processes of one job incarnation as a tree, in bounded memory. Frames may come in any order, late, twice, or never:
/// what the tree says depends on which have come and not on their order, as long as no limit is reached.
/// </summary>
/// <remarks>
/// A process is known one by one while it lives and for some time after its end; then it is collapsed: counted in a node
/// of its exec chain below its parent. See docs/jobs.md for the rules.
/// </remarks>
public sealed partial class JobTree
{
    /// <summary>
    /// Where a client sends no start ticks, an image within this time of another one of the same pid and parent is taken as
    /// an exec of the same process, and one further away as another process that got the pid.
    /// </summary>
    public static readonly TimeSpan LegacyExecWindow = TimeSpan.FromSeconds(60);

    private const int MaxDepth = 1000;

    // Hosts past the limit are told apart by their hashes, up to this number.
    private const int MaxUnnamedHosts = 65_536;

    private readonly Dictionary<ProcessKey, ProcessEntry> _processes = [];
    private readonly Dictionary<PidKey, ProcessEntry> _byPid = [];
    private readonly ProcessQueue _endedLeaves = new();
    private readonly ProcessQueue _liveLeaves = new();
    private readonly Stack<ProcessEntry> _spare = new();
    private readonly CollapsedTree _collapsed;
    private readonly HashSet<ulong> _unnamedHosts = [];
    private readonly TextTable _hosts;
    private ImageTable _images;
    private int _compactedSize;
    private int _ended;

    // Most jobs have none of them, and need not look for them at every process.
    private int _withoutTicks;
    private byte[]? _user;
    private long _userTimeNs;

    /// <summary>An empty tree.</summary>
    public JobTree(JobLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        Limits = limits;
        _images = new ImageTable(limits);
        _hosts = new TextTable(limits.MaxHosts, limits.MaxTextBytes);
        _collapsed = new CollapsedTree(limits.MaxNodes);
    }

    /// <summary>What the tree may hold.</summary>
    public JobLimits Limits { get; }

    /// <summary>The user's name, as the earliest process that has one gives it; never changed in place.</summary>
    internal byte[]? User => _user;

    /// <summary>Processes of which an image has been seen, each counted once.</summary>
    public long ProcessCount { get; private set; }

    /// <summary>Their images.</summary>
    public long ImageCount { get; private set; }

    /// <summary>Those of them whose end has come.</summary>
    public long EndedCount { get; private set; }

    /// <summary>Those that ended with an exit code other than 0, or by a signal.</summary>
    public long FailedCount { get; private set; }

    /// <summary>Hosts that frames have come from.</summary>
    public int HostCount => _hosts.Count + _unnamedHosts.Count;

    /// <summary>Start of the earliest image, in nanoseconds since 1970; 0 without one.</summary>
    public long FirstTimeNs { get; private set; }

    /// <summary>The latest start or end, in nanoseconds since 1970; 0 without one.</summary>
    public long LastTimeNs { get; private set; }

    /// <summary>The time that JobStart gives, in nanoseconds since 1970; the earliest if there are several.</summary>
    public long? StartTimeNs { get; private set; }

    /// <summary>The time that JobEnd gives, in nanoseconds since 1970; the latest if there are several.</summary>
    public long? EndTimeNs { get; private set; }

    /// <summary>Processes that are known one by one, with those that only a child or an end has told of.</summary>
    public int KnownProcesses => _processes.Count;

    /// <summary>Nodes of collapsed processes.</summary>
    public int CollapsedNodes => _collapsed.Count;

    /// <summary>Entries of the tables of texts, lists, images and chains.</summary>
    public int TableEntries => _images.Size;

    /// <summary>Adds a program image.</summary>
    public TreeChange Apply(in ProcessInfoView process)
    {
        int image = InternImage(process);
        int host = InternHost(process.Hostname, out ulong hostHash);
        long time = process.TimeNs;
        ProcessEntry entry = FindOrAdd(process, hostHash, host, time);
        if (entry.HasImage(image, time))
            return TreeChange.Duplicate;

        bool earliest = !entry.Seen || time < entry.FirstTimeNs;
        if (!entry.Seen)
            CountSeen(entry);
        ImageCount++;
        byte[]? commandLine = process.Cmdline.IsEmpty ? null
            : process.Cmdline[..Math.Min(process.Cmdline.Length, ImageUse.MaxCommandLine)].ToArray();
        if (entry.InsertImage(new ImageUse(image, time, commandLine)))
            entry.Chain = ChainOf(entry);
        if (earliest)
            Link(entry, process.ParentPid, process.ParentStartTicks);
        NoteTime(time);
        if (!process.Username.IsEmpty && (_user is null || time < _userTimeNs))
        {
            if (!process.Username.SequenceEqual(_user))
                _user = process.Username[..Math.Min(process.Username.Length, TextTable.MaxLength)].ToArray();
            _userTimeNs = time;
        }
        Trim();
        return TreeChange.Changed;
    }

    /// <summary>Adds the end of a process, which may be ahead of its image.</summary>
    public TreeChange Apply(in ProcessEndView end)
    {
        int host = InternHost(end.Hostname, out ulong hostHash);
        var key = new ProcessKey(hostHash, end.Pid, end.StartTicks);
        ProcessEntry entry = _processes.GetValueOrDefault(key) ?? Add(key, host);
        if (entry.Ended && end.EndTimeNs <= entry.EndTimeNs)
            return TreeChange.Duplicate;

        if (entry.Seen && entry.Failed)
            FailedCount--;
        entry.EndTimeNs = end.EndTimeNs;
        entry.ExitCode = end.HasExitCode ? end.ExitCode : null;
        entry.ExitSignal = end.ExitSignal;
        entry.UserTimeUs = end.UserTimeUs;
        entry.SystemTimeUs = end.SystemTimeUs;
        entry.MaxRssKib = end.MaxRssKib;
        if (!entry.Ended)
        {
            entry.Queue?.Remove(entry);
            entry.Ended = true;
            _ended++;
            if (entry.Seen)
                EndedCount++;
            Enqueue(entry);
        }
        if (entry.Seen)
        {
            if (entry.Failed)
                FailedCount++;
            NoteTime(entry.EndTimeNs);
        }
        Trim();
        return TreeChange.Changed;
    }

    /// <summary>Takes note of a JobStart.</summary>
    public TreeChange ApplyJobStart(long timeNs)
    {
        if (StartTimeNs <= timeNs)
            return TreeChange.Duplicate;
        StartTimeNs = timeNs;
        return TreeChange.Changed;
    }

    /// <summary>Takes note of a JobEnd.</summary>
    public TreeChange ApplyJobEnd(long timeNs)
    {
        if (EndTimeNs >= timeNs)
            return TreeChange.Duplicate;
        EndTimeNs = timeNs;
        return TreeChange.Changed;
    }

    /// <summary>Whether the process that an end is of is known one by one.</summary>
    public bool Knows(in ProcessEndView end) =>
        _processes.ContainsKey(new ProcessKey(XxHash3.HashToUInt64(end.Hostname), end.Pid, end.StartTicks));

    private void CountSeen(ProcessEntry entry)
    {
        ProcessCount++;
        if (!entry.Ended)
            return;
        EndedCount++;
        if (entry.Failed)
            FailedCount++;
        NoteTime(entry.EndTimeNs);
    }

    private void NoteTime(long timeNs)
    {
        if (timeNs == 0)
            return;
        if (FirstTimeNs == 0 || timeNs < FirstTimeNs)
            FirstTimeNs = timeNs;
        if (timeNs > LastTimeNs)
            LastTimeNs = timeNs;
    }

    private int InternHost(ReadOnlySpan<byte> name, out ulong hash)
    {
        hash = XxHash3.HashToUInt64(name);
        if (_hosts.TryIntern(name, out int host))
            return host;
        if (_unnamedHosts.Count < MaxUnnamedHosts)
            _unnamedHosts.Add(hash);
        return -1;
    }

    private int InternImage(in ProcessInfoView process)
    {
        if (_images.TryIntern(process, out int image))
            return image;
        if (_images.Size < _compactedSize + Limits.MaxTexts / 8)
            return ImageTable.OtherImage;
        Compact();
        return _images.TryIntern(process, out image) ? image : ImageTable.OtherImage;
    }

    private int ChainOf(ProcessEntry entry)
    {
        int chain = ImageTable.NoChain;
        for (int i = 0; i < entry.ImageCount; i++)
            chain = _images.InternChain(chain, entry.Images[i].Image);
        return chain;
    }

    /// <summary>Forgets images that no process and no node uses any more.</summary>
    private void Compact()
    {
        var images = new ImageTable(Limits);
        var copy = new ImageTableCopy(_images, images);
        foreach (ProcessEntry entry in _processes.Values)
        {
            for (int i = 0; i < entry.ImageCount; i++)
                entry.Images[i] = entry.Images[i] with { Image = copy.Image(entry.Images[i].Image) };
            entry.Chain = copy.Chain(entry.Chain);
        }
        _collapsed.Renumber(copy);
        _images = images;
        _compactedSize = images.Size;
    }
}
