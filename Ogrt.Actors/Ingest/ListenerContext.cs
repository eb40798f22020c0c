using Ogrt.Journal;

namespace Ogrt.Actors.Ingest;

/// <summary>What everything that receives for one listener shares.</summary>
internal sealed class ListenerContext
{
    public ListenerContext(
        IngestSettings ingest, ListenerSettings settings, SegmentedJournal journal, ReceiveBufferPool buffers,
        FrameBatchPool batches, ListenerMetrics metrics, TimeProvider time)
    {
        (Ingest, Settings, Buffers, Batches, Metrics, Time) = (ingest, settings, buffers, batches, metrics, time);
        Intake = new FrameIntake(settings.Layout, ingest.MaxFrameSize, metrics, time);
        Appender = new FrameAppender(journal, metrics);
    }

    public IngestSettings Ingest { get; }

    public ListenerSettings Settings { get; }

    public ReceiveBufferPool Buffers { get; }

    public FrameBatchPool Batches { get; }

    public ListenerMetrics Metrics { get; }

    public TimeProvider Time { get; }

    public FrameIntake Intake { get; }

    public FrameAppender Appender { get; }
}
