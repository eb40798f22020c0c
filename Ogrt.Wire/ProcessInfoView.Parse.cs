using System.Diagnostics.CodeAnalysis;
using F = Ogrt.Wire.ProcessInfoField;

namespace Ogrt.Wire;

public ref partial struct ProcessInfoView
{
    private const uint Varint = 0;
    private const uint Bytes = 2;

    /// <summary>Reads a payload of frame type <see cref="FrameType.ProcessInfo"/>, nested messages included.</summary>
    /// <param name="payload">The bytes behind the frame's header.</param>
    /// <param name="layout">The layout of the listener that took the frame in.</param>
    /// <param name="view">The fields; to be used only when there was no error.</param>
    /// <returns>The first error, or <see cref="WireError.None"/>.</returns>
    public static WireError TryParse(ReadOnlySpan<byte> payload, WireLayout layout, out ProcessInfoView view)
    {
        view = default;
        view._payload = payload;
        view._layout = layout;
        uint shift = layout == WireLayout.V03 ? 1u : 0u;
        view._environmentVariables = new RepeatedField(WireReader.BytesTag(F.EnvironmentVariables - shift));
        view._arguments = new RepeatedField(WireReader.BytesTag(F.Arguments - shift));
        view._sharedObjects = new RepeatedField(WireReader.BytesTag(F.SharedObjects - shift));
        view._loadedModules = new RepeatedField(WireReader.BytesTag(F.LoadedModules));
        return payload.IsEmpty ? WireError.Empty : view.Read();
    }

    private WireError Read()
    {
        ReadOnlySpan<byte> payload = _payload;
        int position = 0;
        while (position < payload.Length)
        {
            int next = position;
            if (WireRun.TryReadHead(payload, ref next, out uint sent, out uint value))
            {
                uint tag = F.Translate(sent, _layout);
                if (IsRepeated(tag))
                {
                    next = PassRepeated(position, tag);
                    if (next != position)
                    {
                        position = next;
                        continue;
                    }
                }
                else if ((tag & 7) == Bytes && value <= (uint)(payload.Length - next))
                {
                    SetBytes(tag, new WireSlice(next, (int)value));
                    position = next + (int)value;
                    continue;
                }
            }

            WireError error = ReadField(ref position);
            if (error != WireError.None) return error;
        }

        return WireError.None;
    }

    // One field, whatever its form: what the fast path does not know.
    private WireError ReadField(ref int position)
    {
        int start = position;
        var reader = new WireReader(_payload, position);
        if (!reader.TryReadTag(out uint sent)) return reader.Error;
        uint tag = F.Translate(sent, _layout);
        bool read;
        if (tag == 0)
        {
            read = reader.TrySkip(sent);
        }
        else if (IsRepeated(tag))
        {
            read = tag >> 3 is F.SharedObjects or F.LoadedModules ? reader.TryReadNested() : reader.TryReadSlice(out _);
            if (read) Repeated(tag).Add(start, reader.Position, 1);
        }
        else
        {
            switch (tag & 7)
            {
                case Bytes:
                    read = reader.TryReadSlice(out WireSlice slice);
                    if (read) SetBytes(tag, slice);
                    break;
                case Varint:
                    read = reader.TryReadVarint(out ulong value);
                    if (read) SetNumber(tag, value);
                    break;
                default:
                    read = reader.TrySkip(sent);
                    break;
            }
        }

        position = reader.Position;
        return read ? WireError.None : reader.Error;
    }

    private static bool IsRepeated(uint tag) => (tag & 7) == Bytes && tag >> 3 is >= F.EnvironmentVariables and <= F.LoadedModules;

    private int PassRepeated(int position, uint tag) => WireRun.PassElements(
        _payload, position, ref Repeated(tag), tag >> 3 >= F.SharedObjects);

    [UnscopedRef]
    private ref RepeatedField Repeated(uint tag)
    {
        switch (tag >> 3)
        {
            case F.EnvironmentVariables: return ref _environmentVariables;
            case F.Arguments: return ref _arguments;
            case F.SharedObjects: return ref _sharedObjects;
            default: return ref _loadedModules;
        }
    }

    private void SetBytes(uint tag, WireSlice value)
    {
        uint field = tag >> 3;
        switch (field)
        {
            case F.Uuid: _uuid = value; break;
            case F.Binpath: _binpath = value; break;
            case F.Signature: _signature = value; break;
            case F.JobId: _jobId = value; break;
            case F.Username: _username = value; break;
            case F.Hostname: _hostname = value; break;
            case F.Cmdline: _cmdline = value; break;
            case F.Cwd: _cwd = value; break;
            case F.JobStep: _jobStep = value; break;
            case F.Scheduler: _scheduler = value; break;
            case F.ExecutableBuildId: _executableBuildId = value; break;
            case F.ExecPath: _execPath = value; break;
            case F.ShimVersion: _shimVersion = value; break;
            default: return;
        }

        _present |= 1UL << ((int)field - F.First);
    }

    private void SetNumber(uint tag, ulong value)
    {
        uint field = tag >> 3;
        switch (field)
        {
            case F.Pid: _pid = (int)value; break;
            case F.ParentPid: _parentPid = (int)value; break;
            case F.Time: _time = (long)value; break;
            case F.StartTicks: _startTicks = value; break;
            case F.ParentStartTicks: _parentStartTicks = value; break;
            case F.TimeNs: _timeNs = (long)value; break;
            case F.Uid: _uid = (uint)value; break;
            case F.Gid: _gid = (uint)value; break;
            case F.EffectiveUid: _effectiveUid = (uint)value; break;
            case F.Rank: _rank = (uint)value; break;
            case F.ExecutableDevice: _executableDevice = value; break;
            case F.ExecutableInode: _executableInode = value; break;
            case F.ExecutableSize: _executableSize = value; break;
            case F.ExecutableMtimeNs: _executableMtimeNs = (long)value; break;
            case F.Flags: _flags = (uint)value; break;
            case F.FailedSends: _failedSends = (uint)value; break;
            default: return;
        }

        _present |= 1UL << ((int)field - F.First);
    }
}
