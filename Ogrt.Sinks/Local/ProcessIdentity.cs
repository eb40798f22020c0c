using System.Buffers.Binary;
using System.IO.Hashing;
using Ogrt.Wire;

namespace Ogrt.Sinks.Local;

/// <summary>
/// What joins the images of a process and its end: host, pid and start ticks, or the UUID that a client gave it, as 16
/// bytes. A client that sends neither has no ends.
/// </summary>
internal static class ProcessIdentity
{
    public const int Size = 16;

    public static bool TryWrite(in ProcessInfoView process, Span<byte> identity) => process.HasUuid
        ? OfUuid(process.Uuid, identity)
        : process.HasStartTicks && OfTicks(process.Hostname, process.Pid, process.StartTicks, identity);

    public static bool TryWrite(in ProcessEndView end, Span<byte> identity) => end.HasUuid
        ? OfUuid(end.Uuid, identity)
        : end.HasStartTicks && OfTicks(end.Hostname, end.Pid, end.StartTicks, identity);

    private static bool OfUuid(ReadOnlySpan<byte> uuid, Span<byte> identity)
    {
        XxHash128.Hash(uuid, identity, seed: 1);
        return true;
    }

    private static bool OfTicks(ReadOnlySpan<byte> host, int pid, ulong ticks, Span<byte> identity)
    {
        Span<byte> numbers = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(numbers, pid);
        BinaryPrimitives.WriteUInt64LittleEndian(numbers[4..], ticks);
        XxHash128.Hash(numbers, identity, (long)XxHash3.HashToUInt64(host));
        return true;
    }
}
