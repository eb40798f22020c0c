namespace Ogrt.Wire;

/// <summary>A <c>JobEnd</c> read in place.</summary>
public ref struct JobEndView
{
    private const uint JobIdField = 200, EndTimeField = 201;
    private const uint ExitCodeTag = JobField.ExitCode << 3;
    private const uint ExitSignalTag = JobField.ExitSignal << 3;
    private const uint StateTag = (JobField.State << 3) | 2;
    private const uint DerivedExitCodeTag = JobField.DerivedExitCode << 3;
    private const uint StartTimeTag = JobField.StartTimeNs << 3;

    private JobFieldsView _job;

    /// <summary>The job and what the scheduler says of it; its time is the end.</summary>
    public readonly JobFieldsView Job => _job;

    /// <summary>The job that has ended; empty when absent.</summary>
    public readonly ReadOnlySpan<byte> JobId => _job.JobId;

    /// <summary>When it ended, in nanoseconds since 1970; 0 when absent.</summary>
    public readonly long EndTimeNs => _job.TimeNs;

    /// <summary>Whether a time was sent, be it 0.</summary>
    public readonly bool HasEndTime => _job.HasTimeSeconds || _job.HasTimeNs;

    /// <summary>When it started, in nanoseconds since 1970; 0 when absent.</summary>
    public long StartTimeNs { readonly get; private set; }

    /// <summary>Whether the start was sent.</summary>
    public bool HasStartTimeNs { readonly get; private set; }

    /// <summary>The exit code of the batch script, or the highest of an interactive job; 0 when absent.</summary>
    public int ExitCode { readonly get; private set; }

    /// <summary>Whether an exit code was sent.</summary>
    public bool HasExitCode { readonly get; private set; }

    /// <summary>The signal that ended the job; 0 when there was none or it is absent.</summary>
    public uint ExitSignal { readonly get; private set; }

    /// <summary>Whether a signal was sent, be it 0.</summary>
    public bool HasExitSignal { readonly get; private set; }

    /// <summary>The job's last state, as the scheduler calls it; empty when absent.</summary>
    public ReadOnlySpan<byte> State { readonly get; private set; }

    /// <summary>Whether a state was sent.</summary>
    public bool HasState { readonly get; private set; }

    /// <summary>The highest exit code of the job's steps; 0 when absent.</summary>
    public int DerivedExitCode { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public bool HasDerivedExitCode { readonly get; private set; }

    /// <summary>Reads a payload of frame type <see cref="FrameType.JobEnd"/>, which is the same in every layout.</summary>
    /// <param name="payload">The bytes behind the frame's header.</param>
    /// <param name="layout">The layout of the listener that took the frame in.</param>
    /// <param name="view">The fields; to be used only when there was no error.</param>
    /// <returns>The first error, or <see cref="WireError.None"/>.</returns>
    public static WireError TryParse(ReadOnlySpan<byte> payload, WireLayout layout, out JobEndView view)
    {
        _ = layout;
        view = new JobEndView { _job = new JobFieldsView(payload, JobIdField, EndTimeField) };
        return payload.IsEmpty ? WireError.Empty : view.Read();
    }

    private WireError Read()
    {
        WireReader reader = _job.Reader();
        while (reader.TryReadTag(out uint tag) && TryRead(ref reader, tag))
        {
        }

        return reader.Error;
    }

    private bool TryRead(ref WireReader reader, uint tag)
    {
        switch (tag)
        {
            case StateTag:
                if (!reader.TryReadBytes(out ReadOnlySpan<byte> state)) return false;
                State = state;
                HasState = true;
                return true;
            case ExitCodeTag or ExitSignalTag or DerivedExitCodeTag or StartTimeTag:
                if (!reader.TryReadVarint(out ulong value)) return false;
                SetNumber(tag, value);
                return true;
            default:
                return _job.TryRead(ref reader, tag);
        }
    }

    private void SetNumber(uint tag, ulong value)
    {
        switch (tag)
        {
            case ExitCodeTag:
                ExitCode = ZigZag(value);
                HasExitCode = true;
                break;
            case ExitSignalTag:
                ExitSignal = (uint)value;
                HasExitSignal = true;
                break;
            case DerivedExitCodeTag:
                DerivedExitCode = ZigZag(value);
                HasDerivedExitCode = true;
                break;
            default:
                StartTimeNs = (long)value;
                HasStartTimeNs = true;
                break;
        }
    }

    private static int ZigZag(ulong value) => (int)((uint)value >> 1) ^ -(int)(value & 1);
}
