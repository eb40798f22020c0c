namespace Ogrt.Wire;

/// <summary>A <c>JobStart</c> read in place.</summary>
public ref struct JobStartView
{
    private const uint JobIdTag = (100 << 3) | 2;
    private const uint TimeTag = 101 << 3;

    /// <summary>The job that has started; empty when absent.</summary>
    public ReadOnlySpan<byte> JobId { readonly get; private set; }

    /// <summary>Whether a job id was sent, be it empty.</summary>
    public bool HasJobId { readonly get; private set; }

    /// <summary>When it started, in seconds since 1970; 0 when absent.</summary>
    public long StartTime { readonly get; private set; }

    /// <summary>When it started, in nanoseconds since 1970; 0 when absent.</summary>
    public readonly long StartTimeNs => UnixTime.ToNanoseconds(StartTime, UnixTime.Second);

    /// <summary>Whether a time was sent, be it 0.</summary>
    public bool HasStartTime { readonly get; private set; }

    /// <summary>Reads a payload of frame type <see cref="FrameType.JobStart"/>, which is the same in every layout.</summary>
    /// <param name="payload">The bytes behind the frame's header.</param>
    /// <param name="layout">The layout of the listener that took the frame in.</param>
    /// <param name="view">The fields; to be used only when there was no error.</param>
    /// <returns>The first error, or <see cref="WireError.None"/>.</returns>
    public static WireError TryParse(ReadOnlySpan<byte> payload, WireLayout layout, out JobStartView view)
    {
        _ = layout;
        view = default;
        if (payload.IsEmpty) return WireError.Empty;
        var reader = new WireReader(payload);
        while (reader.TryReadTag(out uint tag))
        {
            if (tag == JobIdTag && reader.TryReadBytes(out ReadOnlySpan<byte> jobId))
            {
                view.JobId = jobId;
                view.HasJobId = true;
            }
            else if (tag == TimeTag && reader.TryReadVarint(out ulong time))
            {
                view.StartTime = (long)time;
                view.HasStartTime = true;
            }
            else if (reader.Error != WireError.None || !reader.TrySkip(tag))
            {
                break;
            }
        }

        return reader.Error;
    }
}
