using System.Buffers.Binary;
using Google.Protobuf;
using Ogrt.Bench.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Bench.WholeSystem;

/// <summary>A recorded frame that can be sent as it is, or as a new process each time: the bytes of <c>pid</c> and
/// <c>time</c> are overwritten in place, so that the frame keeps its length and everything else its content.</summary>
internal sealed class RecordedFrame
{
    private const int HeaderSize = 8, FirstPid = 1 << 14, PidCount = (1 << 21) - FirstPid;
    private readonly byte[] _bytes;
    private readonly int _pidAt;
    private readonly int _timeAt;
    private readonly long _time;

    private RecordedFrame(byte[] bytes, long time)
    {
        _bytes = bytes;
        _time = time;
        // pid 301 and time 303 as varints: their tags are two bytes long.
        _pidAt = Find(bytes, (301 << 3) | 0, 3);
        _timeAt = Find(bytes, (303 << 3) | 0, 5);
    }

    /// <summary>Length with its header, in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>One of the recorded frames: <c>mpi</c> (33 shared objects) or <c>shell</c>.</summary>
    public static RecordedFrame Load(string name)
    {
        byte[] recorded = RecordedFrames.Read($"frame-{name}");
        ProcessInfo process = ProcessInfo.Parser.ParseFrom(recorded.AsSpan(HeaderSize));
        process.Pid = FirstPid; // three bytes as a varint, as all the others that follow
        byte[] bytes = new byte[HeaderSize + process.CalculateSize()];
        recorded.AsSpan(0, 4).CopyTo(bytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), (uint)(bytes.Length - HeaderSize));
        process.WriteTo(bytes.AsSpan(HeaderSize));
        return new RecordedFrame(bytes, process.Time);
    }

    /// <summary>Copies the frame; with <paramref name="process"/> at or above 0 as the process of that number.</summary>
    public void CopyTo(Span<byte> target, long process)
    {
        _bytes.CopyTo(target);
        if (process < 0)
            return;
        WriteVarint(target[_pidAt..], FirstPid + (process % PidCount), 3);
        WriteVarint(target[_timeAt..], _time + (process / PidCount), 5);
    }

    private static int Find(ReadOnlySpan<byte> bytes, int tag, int valueLength)
    {
        Span<byte> encoded = [(byte)(tag | 0x80), (byte)(tag >> 7)];
        int at = HeaderSize + bytes[HeaderSize..].IndexOf(encoded) + encoded.Length;
        int length = 1;
        while ((bytes[at + length - 1] & 0x80) != 0)
            length++;
        return length == valueLength ? at : throw new InvalidDataException($"The varint of field {tag >> 3} has {length} bytes, not {valueLength}.");
    }

    private static void WriteVarint(Span<byte> target, long value, int length)
    {
        for (int i = 0; i < length; i++, value >>= 7)
            target[i] = (byte)((value & 0x7f) | (i < length - 1 ? 0x80L : 0));
    }
}
