using System.Runtime.InteropServices;
using Ogrt.Journal;

namespace Ogrt.Actors.Ingest;

/// <summary>
/// What a read does to the bytes of a stream, the same for the accepting thread and for a connection: receive behind what is
/// left, take the whole frames, move the rest to the front.
/// </summary>
internal struct StreamReader
{
    /// <summary>Bytes at the front of the buffer that belong to a frame whose end has not come yet.</summary>
    public int Filled { get; private set; }

    /// <summary>How large the buffer must be for that frame, as far as is known.</summary>
    public int Needed { get; private set; }

    /// <summary>When the first byte of that frame came, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long FrameSince { get; private set; }

    /// <summary>Digests what <c>recv</c> gave.</summary>
    /// <param name="received">The result of <c>recv</c>.</param>
    /// <param name="buffer">The buffer that it was received into, from <see cref="Filled"/> on.</param>
    /// <param name="sender">The other end.</param>
    /// <param name="batch">Where frames go.</param>
    /// <param name="context">The listener.</param>
    /// <returns>How it stands with the connection.</returns>
    public ReadStep Digest(
        nint received, Span<byte> buffer, JournalSender sender, FrameBatch batch, ListenerContext context)
    {
        if (received < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno is NativeSocket.Again or NativeSocket.Interrupted) return ReadStep.Empty;
            context.Metrics.Reject(Rejection.Reset);
            return ReadStep.End;
        }

        if (received == 0)
        {
            if (Filled > 0) context.Metrics.Reject(Rejection.HalfFrame);
            return ReadStep.End;
        }

        bool isFirst = Filled == 0;
        int filled = Filled + (int)received;
        StreamProgress progress = context.Intake.TakeStream(buffer[..filled], sender, batch);
        Filled = filled - progress.Consumed;
        Needed = progress.Needed;
        if (progress.IsBroken) return ReadStep.End;
        if (Filled > 0 && (isFirst || progress.Consumed > 0)) FrameSince = Math.Max(1, context.Time.GetTimestamp());
        if (progress.Consumed > 0 && Filled > 0) buffer[progress.Consumed..filled].CopyTo(buffer);
        return ReadStep.Data;
    }
}
