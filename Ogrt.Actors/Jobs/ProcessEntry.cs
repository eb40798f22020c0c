namespace Ogrt.Actors.Jobs;

/// <summary>
/// A process that the tree knows by itself. An unseen one has no image yet: a child or an end has told of it.
/// </summary>
internal sealed class ProcessEntry
{
    /// <summary>Longer exec chains keep their first images; later ones are only counted.</summary>
    public const int MaxImages = 32;

    public ProcessKey Key;

    /// <summary>Number in the table of hosts, -1 when that was full.</summary>
    public int Host;

    /// <summary>As its earliest image tells, 0 without one.</summary>
    public int ParentPid;

    /// <summary>The exec chain by time; of equal times in the order of arrival.</summary>
    public ImageUse[] Images = new ImageUse[1];
    public int ImageCount;

    /// <summary>Images past <see cref="MaxImages"/>.</summary>
    public int FurtherImages;

    /// <summary>Number of the exec chain in the <see cref="ImageTable"/>.</summary>
    public int Chain;

    public bool Ended;
    public long EndTimeNs;
    public int? ExitCode;
    public uint ExitSignal;
    public ulong UserTimeUs;
    public ulong SystemTimeUs;
    public ulong MaxRssKib;

    // Invariant: following Parent never comes back to this process.
    public ProcessEntry? Parent;
    public ProcessEntry? FirstChild;
    public ProcessEntry? PreviousSibling;
    public ProcessEntry? NextSibling;

    /// <summary>Its children that are no longer known one by one.</summary>
    public CollapsedNode? Collapsed;

    /// <summary>The queue that it waits in to be collapsed; null while it has children that are known one by one.</summary>
    public ProcessQueue? Queue;
    public ProcessEntry? QueuePrevious;
    public ProcessEntry? QueueNext;

    public bool Seen => ImageCount > 0;

    public bool Failed => Ended && (ExitCode is not (null or 0) || ExitSignal != 0);

    public long FirstTimeNs => Images[0].TimeNs;

    /// <summary>Whether this very image is in the chain already, started at the same time.</summary>
    public bool HasImage(int image, long timeNs)
    {
        for (int i = 0; i < ImageCount; i++)
            if (Images[i].Image == image && Images[i].TimeNs == timeNs)
                return true;
        return false;
    }

    /// <summary>Puts an image where its time says; false when the chain is full.</summary>
    public bool InsertImage(in ImageUse use)
    {
        if (ImageCount == MaxImages)
        {
            FurtherImages++;
            return false;
        }
        if (ImageCount == Images.Length)
            Array.Resize(ref Images, ImageCount * 2);
        int at = ImageCount;
        while (at > 0 && Images[at - 1].TimeNs > use.TimeNs)
        {
            Images[at] = Images[at - 1];
            at--;
        }
        Images[at] = use;
        ImageCount++;
        return true;
    }

    /// <summary>What the process adds to its node's totals.</summary>
    public ProcessTotals Totals()
    {
        long last = Images[ImageCount - 1].TimeNs;
        return new ProcessTotals
        {
            Count = 1,
            Ended = Ended ? 1 : 0,
            Failed = Failed ? 1 : 0,
            Images = ImageCount + FurtherImages,
            FirstTimeNs = FirstTimeNs,
            LastTimeNs = Ended ? Math.Max(last, EndTimeNs) : last,
            UserTimeUs = UserTimeUs,
            SystemTimeUs = SystemTimeUs,
            MaxRssKib = MaxRssKib,
            FirstPid = Key.Pid,
            LastEndNs = EndTimeNs,
            LastExitCode = Ended ? ExitCode : null,
            LastExitSignal = ExitSignal,
        };
    }

    /// <summary>Adds the process to totals; makes an array of its command lines only where they are wanted.</summary>
    public void AddTo(ref ProcessTotals totals)
    {
        ProcessTotals own = Totals();
        if (own.Precedes(totals))
            own.FirstCommandLines = Array.ConvertAll(Images[..ImageCount], use => use.CommandLine);
        totals.Add(own);
    }

    public void AddChild(ProcessEntry child)
    {
        child.Parent = this;
        child.PreviousSibling = null;
        child.NextSibling = FirstChild;
        if (FirstChild is not null)
            FirstChild.PreviousSibling = child;
        FirstChild = child;
    }

    public void RemoveChild(ProcessEntry child)
    {
        if (child.PreviousSibling is { } previous)
            previous.NextSibling = child.NextSibling;
        else
            FirstChild = child.NextSibling;
        if (child.NextSibling is { } next)
            next.PreviousSibling = child.PreviousSibling;
        child.Parent = child.PreviousSibling = child.NextSibling = null;
    }

    /// <summary>Makes the object fit for another process.</summary>
    public void Reset()
    {
        Array.Clear(Images, 0, ImageCount);
        ImageCount = FurtherImages = Chain = ParentPid = 0;
        Ended = false;
        EndTimeNs = 0;
        ExitCode = null;
        ExitSignal = 0;
        UserTimeUs = SystemTimeUs = MaxRssKib = 0;
        Collapsed = null;
    }
}
