using Ogrt.Journal;

namespace Ogrt.Actors.Ingest;

/// <summary>Frames on their way into the journal, with the sum of their bytes.</summary>
internal sealed class FrameBatch
{
    /// <summary>The records as the journal takes them.</summary>
    public JournalBatch Records { get; } = new();

    /// <summary>Bytes of the frames themselves, without what the journal adds.</summary>
    public long FrameBytes { get; private set; }

    public int Count => Records.Count;

    public void Add(byte kind, long arrivalUnixNs, JournalSender sender, ReadOnlySpan<byte> frame)
    {
        Records.Add(kind, arrivalUnixNs, sender, frame);
        FrameBytes += frame.Length;
    }

    public void Clear()
    {
        Records.Clear();
        FrameBytes = 0;
    }
}
