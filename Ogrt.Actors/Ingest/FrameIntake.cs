using Ogrt.Journal;
using Ogrt.Wire;

namespace Ogrt.Actors.Ingest;

/// <summary>
/// Takes the frames out of received bytes: cuts them, checks each one whole, and adds those that are good to a batch as they
/// came. A frame that is not good is counted. It keeps nothing, so all connections of a listener share one.
/// </summary>
internal sealed class FrameIntake(WireLayout layout, int maxFrameSize, ListenerMetrics metrics, TimeProvider time)
{
    private const long NanosecondsPerTick = 100;

    private readonly byte _kind = RecordKind.KindOf(layout);

    public long ArrivalNow() => (time.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) * NanosecondsPerTick;

    /// <summary>Takes the whole frames at the front of a stream's bytes.</summary>
    /// <param name="bytes">What was received and not yet taken.</param>
    /// <param name="sender">The connection's other end.</param>
    /// <param name="batch">Where good frames go.</param>
    /// <returns>How far it came, and what the stream needs to go on.</returns>
    public StreamProgress TakeStream(ReadOnlySpan<byte> bytes, JournalSender sender, FrameBatch batch)
    {
        long arrival = ArrivalNow();
        var decoder = new FrameDecoder(maxFrameSize);
        while (true)
        {
            switch (decoder.TryRead(bytes, out WireSlice frame))
            {
                case FrameStatus.Frame:
                    TakeFrame(frame.Of(bytes), arrival, sender, batch);
                    break;
                case FrameStatus.NeedMore:
                    return new StreamProgress(decoder.Consumed, decoder.Needed, IsBroken: false);
                default:
                    metrics.Reject(decoder.Error);
                    return new StreamProgress(decoder.Consumed, 0, IsBroken: true);
            }
        }
    }

    /// <summary>Takes a datagram, or cut-out frame: exactly one frame.</summary>
    public void TakeFrame(ReadOnlySpan<byte> frame, long arrival, JournalSender sender, FrameBatch batch)
    {
        WireError error = FrameRouter.TryRoute(frame, layout, maxFrameSize, out _);
        if (error == WireError.None)
            batch.Add(_kind, arrival, sender, frame);
        else
            metrics.Reject(error);
    }
}
