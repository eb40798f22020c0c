namespace Ogrt.Wire;

/// <summary>A <c>JobStart</c> read in place.</summary>
public ref struct JobStartView
{
    private const uint JobIdField = 100, StartTimeField = 101;

    private JobFieldsView _job;

    /// <summary>The job and what the scheduler says of it; its time is the start.</summary>
    public readonly JobFieldsView Job => _job;

    /// <summary>The job that has started; empty when absent.</summary>
    public readonly ReadOnlySpan<byte> JobId => _job.JobId;

    /// <summary>When it started, in nanoseconds since 1970; 0 when absent.</summary>
    public readonly long StartTimeNs => _job.TimeNs;

    /// <summary>Whether a time was sent, be it 0.</summary>
    public readonly bool HasStartTime => _job.HasTimeSeconds || _job.HasTimeNs;

    /// <summary>Reads a payload of frame type <see cref="FrameType.JobStart"/>, which is the same in every layout.</summary>
    /// <param name="payload">The bytes behind the frame's header.</param>
    /// <param name="layout">The layout of the listener that took the frame in.</param>
    /// <param name="view">The fields; to be used only when there was no error.</param>
    /// <returns>The first error, or <see cref="WireError.None"/>.</returns>
    public static WireError TryParse(ReadOnlySpan<byte> payload, WireLayout layout, out JobStartView view)
    {
        _ = layout;
        view = new JobStartView { _job = new JobFieldsView(payload, JobIdField, StartTimeField) };
        return payload.IsEmpty ? WireError.Empty : view.Read();
    }

    private WireError Read()
    {
        WireReader reader = _job.Reader();
        while (reader.TryReadTag(out uint tag) && _job.TryRead(ref reader, tag))
        {
        }

        return reader.Error;
    }
}
