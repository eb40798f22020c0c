using F = Ogrt.Wire.ProcessEndField;

namespace Ogrt.Wire;

public ref partial struct ProcessEndView
{
    private const uint Varint = 0;
    private const uint Bytes = 2;

    /// <summary>Reads a payload of frame type <see cref="FrameType.ProcessEnd"/>.</summary>
    /// <param name="payload">The bytes behind the frame's header.</param>
    /// <param name="layout">The layout of the listener; OGRT 0.3 has no such frame.</param>
    /// <param name="view">The fields; to be used only when there was no error.</param>
    /// <returns>The first error, or <see cref="WireError.None"/>.</returns>
    public static WireError TryParse(ReadOnlySpan<byte> payload, WireLayout layout, out ProcessEndView view)
    {
        view = default;
        view._payload = payload;
        view.Layout = layout;
        if (layout == WireLayout.V03) return WireError.UnknownType;
        return payload.IsEmpty ? WireError.Empty : view.Read();
    }

    private WireError Read()
    {
        var reader = new WireReader(_payload);
        while (reader.TryReadTag(out uint tag))
        {
            bool read = (tag & 7) switch
            {
                Varint => ReadNumber(ref reader, tag >> 3),
                Bytes => ReadBytes(ref reader, tag >> 3),
                _ => reader.TrySkip(tag),
            };
            if (!read) break;
        }

        return reader.Error;
    }

    private bool ReadBytes(ref WireReader reader, uint field)
    {
        if (!reader.TryReadSlice(out WireSlice value)) return false;
        switch (field)
        {
            case F.JobId when Layout == WireLayout.Current:
                _jobId = value;
                Mark(F.JobId);
                break;
            case F.Hostname when Layout == WireLayout.Current:
                _hostname = value;
                Mark(F.Hostname);
                break;
            case F.NextUuid when Layout == WireLayout.Next:
                _uuid = value;
                HasUuid = true;
                break;
        }

        return true;
    }

    private bool ReadNumber(ref WireReader reader, uint field)
    {
        if (!reader.TryReadVarint(out ulong value)) return false;
        if (Layout == WireLayout.Current) SetNumber(field, value);
        else SetNextNumber(field, value);
        return true;
    }

    private void SetNumber(uint field, ulong value)
    {
        switch (field)
        {
            case F.Pid: _pid = (int)value; break;
            case F.StartTicks: _startTicks = value; break;
            case F.EndTimeNs: _endTimeNs = (long)value; break;
            case F.ExitCode: _exitCode = (int)((uint)value >> 1) ^ -(int)(value & 1); break; // zigzag
            case F.ExitSignal: _exitSignal = (uint)value; break;
            case F.UserTimeUs: _userTimeUs = value; break;
            case F.SystemTimeUs: _systemTimeUs = value; break;
            case F.MaxRssKib: _maxRssKib = value; break;
            case F.MinorFaults: _minorFaults = value; break;
            case F.MajorFaults: _majorFaults = value; break;
            case F.BlocksRead: _blocksRead = value; break;
            case F.BlocksWritten: _blocksWritten = value; break;
            case F.VoluntarySwitches: _voluntarySwitches = value; break;
            case F.InvoluntarySwitches: _involuntarySwitches = value; break;
            case F.ImageTimeNs: _imageTimeNs = (long)value; break;
            default: return;
        }

        Mark((int)field);
    }

    private void SetNextNumber(uint field, ulong value)
    {
        int current;
        switch (field)
        {
            case F.NextTime:
                _endTimeNs = UnixTime.ToNanoseconds((long)value, UnixTime.Millisecond);
                current = F.EndTimeNs;
                break;
            case F.NextUserTime:
                _userTimeUs = Microseconds(value);
                current = F.UserTimeUs;
                break;
            case F.NextSystemTime:
                _systemTimeUs = Microseconds(value);
                current = F.SystemTimeUs;
                break;
            case F.NextMaxRss:
                _maxRssKib = value;
                current = F.MaxRssKib;
                break;
            case F.NextMinorFaults:
                _minorFaults = value;
                current = F.MinorFaults;
                break;
            case F.NextMajorFaults:
                _majorFaults = value;
                current = F.MajorFaults;
                break;
            case F.NextBlocksRead:
                _blocksRead = value;
                current = F.BlocksRead;
                break;
            case F.NextBlocksWritten:
                _blocksWritten = value;
                current = F.BlocksWritten;
                break;
            case F.NextVoluntarySwitches:
                _voluntarySwitches = value;
                current = F.VoluntarySwitches;
                break;
            case F.NextInvoluntarySwitches:
                _involuntarySwitches = value;
                current = F.InvoluntarySwitches;
                break;
            default:
                return;
        }

        Mark(current);
    }

    // Milliseconds, saturating: a sender may send any number.
    private static ulong Microseconds(ulong value) => value > ulong.MaxValue / 1000 ? ulong.MaxValue : value * 1000;

    private void Mark(int field) => _present |= 1UL << (field - F.First);
}
