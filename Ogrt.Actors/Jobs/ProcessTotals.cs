namespace Ogrt.Actors.Jobs;

/// <summary>What is summed over collapsed processes. Adding is commutative and associative, whatever came first.</summary>
internal struct ProcessTotals
{
    public long Count;
    public long Ended;
    public long Failed;
    public long Images;
    public long FirstTimeNs;
    public long LastTimeNs;
    public ulong UserTimeUs;
    public ulong SystemTimeUs;
    public ulong MaxRssKib;

    /// <summary>The first process: of equal times the one with the smaller pid.</summary>
    public int FirstPid;
    public byte[]?[]? FirstCommandLines;

    /// <summary>The process that ended last: of equal times the one with the larger exit code, then signal.</summary>
    public long LastEndNs;
    public int? LastExitCode;
    public uint LastExitSignal;

    /// <summary>Whether the first process of these is before the first of the others.</summary>
    public readonly bool Precedes(in ProcessTotals others) =>
        others.Count == 0 || (FirstTimeNs, FirstPid).CompareTo((others.FirstTimeNs, others.FirstPid)) < 0;

    public void Add(in ProcessTotals other)
    {
        if (other.Count == 0)
            return;
        if (other.Precedes(this))
        {
            FirstTimeNs = other.FirstTimeNs;
            FirstPid = other.FirstPid;
            FirstCommandLines = other.FirstCommandLines;
        }
        LastTimeNs = Count == 0 ? other.LastTimeNs : Math.Max(LastTimeNs, other.LastTimeNs);
        if (other.Ended > 0 && (Ended == 0 || other.EndOrder.CompareTo(EndOrder) > 0))
        {
            LastEndNs = other.LastEndNs;
            LastExitCode = other.LastExitCode;
            LastExitSignal = other.LastExitSignal;
        }
        Count += other.Count;
        Ended += other.Ended;
        Failed += other.Failed;
        Images += other.Images;
        UserTimeUs += other.UserTimeUs;
        SystemTimeUs += other.SystemTimeUs;
        MaxRssKib = Math.Max(MaxRssKib, other.MaxRssKib);
    }

    private readonly (long, int, uint) EndOrder => (LastEndNs, LastExitCode ?? int.MinValue, LastExitSignal);
}
