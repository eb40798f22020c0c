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
        var reader = new WireReader(_payload);
        int start = 0;
        while (reader.TryReadTag(out uint sent))
        {
            uint tag = F.Translate(sent, _layout);
            bool read = (tag & 7) switch
            {
                Bytes when tag != 0 => ReadBytes(ref reader, tag, start),
                Varint when tag != 0 => ReadNumber(ref reader, tag),
                _ => reader.TrySkip(sent),
            };
            if (!read) return reader.Error;
            start = reader.Position;
        }

        return reader.Error;
    }

    private bool ReadBytes(ref WireReader reader, uint tag, int start)
    {
        switch (tag >> 3)
        {
            case F.SharedObjects:
                return ReadMessage(ref reader, start, ref _sharedObjects);
            case F.LoadedModules:
                return ReadMessage(ref reader, start, ref _loadedModules);
            case F.EnvironmentVariables:
                return ReadElement(ref reader, start, ref _environmentVariables);
            case F.Arguments:
                return ReadElement(ref reader, start, ref _arguments);
            default:
                if (!reader.TryReadSlice(out WireSlice value)) return false;
                SetBytes(tag >> 3, value);
                return true;
        }
    }

    private void SetBytes(uint field, WireSlice value)
    {
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

    private bool ReadNumber(ref WireReader reader, uint tag)
    {
        if (!reader.TryReadVarint(out ulong value)) return false;
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
            default: return true;
        }

        _present |= 1UL << ((int)field - F.First);
        return true;
    }

    private static bool ReadElement(ref WireReader reader, int start, ref RepeatedField field)
    {
        if (!reader.TryReadSlice(out _)) return false;
        field.Add(start, reader.Position);
        return true;
    }

    private static bool ReadMessage(ref WireReader reader, int start, ref RepeatedField field)
    {
        if (!reader.TryReadNested()) return false;
        field.Add(start, reader.Position);
        return true;
    }
}
