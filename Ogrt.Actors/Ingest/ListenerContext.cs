using Ogrt.Actors.Watch;
using Ogrt.Journal;

namespace Ogrt.Actors.Ingest;

/// <summary>What everything that receives for one listener shares.</summary>
internal sealed class ListenerContext
{
    public ListenerContext(
        IngestSettings ingest, ListenerSettings settings, SegmentedJournal journal, ReceiveBufferPool buffers,
        FrameBatchPool batches, ListenerMetrics metrics, ActorMetrics actors, TimeProvider time)
    {
        (Ingest, Settings, Buffers, Batches, Metrics, Actors, Time) = (ingest, settings, buffers, batches, metrics, actors, time);
        Intake = new FrameIntake(settings.Layout, ingest.MaxFrameSize, metrics, time);
        Appender = new FrameAppender(journal, metrics, actors);
    }

    public IngestSettings Ingest { get; }

    public ListenerSettings Settings { get; }

    public ReceiveBufferPool Buffers { get; }

    public FrameBatchPool Batches { get; }

    public ListenerMetrics Metrics { get; }

    public ActorMetrics Actors { get; }

    public TimeProvider Time { get; }

    public FrameIntake Intake { get; }

    public FrameAppender Appender { get; }
}
