namespace Ogrt.Wire;

/// <summary>A <c>JobEnd</c> read in place.</summary>
public ref struct JobEndView
{
    private const uint JobIdTag = (200 << 3) | 2;
    private const uint TimeTag = 201 << 3;

    /// <summary>The job that has ended; empty when absent.</summary>
    public ReadOnlySpan<byte> JobId { readonly get; private set; }

    /// <summary>Whether a job id was sent, be it empty.</summary>
    public bool HasJobId { readonly get; private set; }

    /// <summary>When it ended, in seconds since 1970; 0 when absent.</summary>
    public long EndTime { readonly get; private set; }

    /// <summary>When it ended, in nanoseconds since 1970; 0 when absent.</summary>
    public readonly long EndTimeNs => UnixTime.ToNanoseconds(EndTime, UnixTime.Second);

    /// <summary>Whether a time was sent, be it 0.</summary>
    public bool HasEndTime { readonly get; private set; }

    /// <summary>Reads a payload of frame type <see cref="FrameType.JobEnd"/>, which is the same in every layout.</summary>
    /// <param name="payload">The bytes behind the frame's header.</param>
    /// <param name="layout">The layout of the listener that took the frame in.</param>
    /// <param name="view">The fields; to be used only when there was no error.</param>
    /// <returns>The first error, or <see cref="WireError.None"/>.</returns>
    public static WireError TryParse(ReadOnlySpan<byte> payload, WireLayout layout, out JobEndView view)
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
                view.EndTime = (long)time;
                view.HasEndTime = true;
            }
            else if (reader.Error != WireError.None || !reader.TrySkip(tag))
            {
                break;
            }
        }

        return reader.Error;
    }
}
