using System.Buffers.Binary;
using System.IO.Hashing;
using Ogrt.Wire;

namespace Ogrt.Sinks;

/// <summary>
/// The deterministic id of a record: the same for every delivery of it, after every restart, and on every node that a
/// client may have sent it to. 32 bits of the event's time in seconds come first, so that ids made close in time are close
/// in an index; 96 bits of a hash follow (XXH3, 128 bits). docs/decisions/0005 says why it is made of content.
/// </summary>
/// <remarks>
/// What is hashed: cluster, frame type and, for a process with start ticks and nanoseconds, host, pid, start ticks and time
/// of the image (a client that sends once more counts its failed sends, so that its bytes differ); for the end of such a
/// process host, pid and start ticks. Records of older clients have no such identity; of these all bytes are hashed.
/// </remarks>
public static class EventId
{
    /// <summary>Characters of an id as text.</summary>
    public const int TextLength = 32;

    /// <summary>The id of a process image.</summary>
    public static UInt128 OfProcess(ClusterSeed cluster, in ProcessInfoView process, ReadOnlySpan<byte> payload)
    {
        if (!process.HasStartTicks || !process.HasTimeNs || process.Hostname.IsEmpty)
            return OfBytes(cluster, FrameType.ProcessInfo, payload, process.TimeSeconds);
        return OfImage(cluster, process.Hostname, process.Pid, process.StartTicks, process.TimeNs, process.TimeSeconds);
    }

    /// <summary>The id of a process's end.</summary>
    public static UInt128 OfProcessEnd(ClusterSeed cluster, in ProcessEndView end, ReadOnlySpan<byte> payload)
    {
        long seconds = end.EndTimeNs / 1_000_000_000;
        if (!end.HasStartTicks || end.Hostname.IsEmpty)
            return OfBytes(cluster, FrameType.ProcessEnd, payload, seconds);
        Span<byte> identity = stackalloc byte[8 + 4];
        BinaryPrimitives.WriteUInt64LittleEndian(identity, end.StartTicks);
        BinaryPrimitives.WriteInt32LittleEndian(identity[8..], end.Pid);
        return Make(cluster, (uint)FrameType.ProcessEnd, end.Hostname, identity, seconds);
    }

    /// <summary>
    /// The id of the program image that ended, as <see cref="OfProcess"/> makes it of the image's own record; false when the
    /// end does not name its image.
    /// </summary>
    public static bool TryOfEndedImage(ClusterSeed cluster, in ProcessEndView end, out UInt128 id)
    {
        id = 0;
        if (!end.HasStartTicks || !end.HasImageTimeNs || end.Hostname.IsEmpty)
            return false;
        id = OfImage(cluster, end.Hostname, end.Pid, end.StartTicks, end.ImageTimeNs, UnixSeconds(end.ImageTimeNs));
        return true;
    }

    /// <summary>The id of a record by all of its bytes.</summary>
    public static UInt128 OfBytes(ClusterSeed cluster, FrameType type, ReadOnlySpan<byte> payload, long seconds) =>
        Make(cluster, (uint)type, default, payload, seconds);

    /// <summary>
    /// The id of a job incarnation, the same for each version of its record, so that the newest can replace the others.
    /// </summary>
    public static UInt128 OfJob(ClusterSeed cluster, ReadOnlySpan<byte> jobId, uint incarnation)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(number, incarnation);
        // No time: it would change when an earlier process turns up late.
        return Make(cluster, 0, jobId, number, 0);
    }

    /// <summary>Writes an id as 32 hexadecimal digits.</summary>
    public static void Write(UInt128 id, Span<byte> text)
    {
        // UInt128 formats itself by divisions.
        Span<byte> bytes = stackalloc byte[16];
        WriteBytes(id, bytes);
        Convert.TryToHexStringLower(bytes, text, out _);
    }

    /// <summary>Writes an id as 16 bytes whose order is that of the ids.</summary>
    public static void WriteBytes(UInt128 id, Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, id);

    private static UInt128 OfImage(ClusterSeed cluster, ReadOnlySpan<byte> host, int pid, ulong startTicks, long timeNs, long seconds)
    {
        Span<byte> identity = stackalloc byte[8 + 8 + 4];
        BinaryPrimitives.WriteUInt64LittleEndian(identity, startTicks);
        BinaryPrimitives.WriteInt64LittleEndian(identity[8..], timeNs);
        BinaryPrimitives.WriteInt32LittleEndian(identity[16..], pid);
        return Make(cluster, (uint)FrameType.ProcessInfo, host, identity, seconds);
    }

    private static long UnixSeconds(long ns) => Math.DivRem(ns, 1_000_000_000, out long rest) - (rest < 0 ? 1 : 0);

    private static UInt128 Make(ClusterSeed cluster, uint type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> rest, long seconds)
    {
        // The hash of the name is the seed of the rest: two runs of bytes, and no byte can move from one to the other.
        UInt128 first = XxHash128.HashToUInt128(name, cluster.Value ^ type);
        UInt128 hash = XxHash128.HashToUInt128(rest, (long)(ulong)(first ^ (first >> 64)));
        uint time = (uint)Math.Clamp(seconds, 0, uint.MaxValue);
        return ((UInt128)time << 96) | (hash & ((UInt128.One << 96) - 1));
    }
}
