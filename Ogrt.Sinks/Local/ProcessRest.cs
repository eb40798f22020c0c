using Ogrt.Wire;

namespace Ogrt.Sinks.Local;

/// <summary>
/// Takes apart the message of a process and puts it together again. What the store keeps in tables of its own (executable,
/// user, host, environment, shared objects, modules) is cut out; the rest stays as the bytes that came, unknown
/// fields included, so that nothing is lost that this program does not know.
/// </summary>
internal static class ProcessRest
{
    private const uint Binpath = 300;
    private const uint Username = 306;
    private const uint Hostname = 307;
    private const uint Environment = 309;
    private const uint SharedObjects = 311;
    private const uint LoadedModules = 312;

    /// <summary>Appends what is left of a message that was read without an error.</summary>
    public static void Write(BatchBuffer output, in ProcessInfoView process, ReadOnlySpan<byte> payload, WireLayout layout)
    {
        uint shift = Shift(layout);
        // The lists lie in one piece in each frame of a known client: they are passed over at once.
        ReadOnlySpan<byte> objects = process.SharedObjectsAreScattered ? default : process.SharedObjectsBytes;
        int objectsAt = objects.IsEmpty ? -1 : OffsetIn(payload, objects);
        int position = 0;
        while (position < payload.Length)
        {
            if (position == objectsAt)
            {
                position += objects.Length;
                continue;
            }
            var reader = new WireReader(payload[position..]);
            if (!reader.TryReadTag(out uint tag) || !reader.TrySkip(tag))
                return;
            if (!IsTaken(tag, shift, layout))
                output.Write(payload.Slice(position, reader.Position));
            position += reader.Position;
        }
    }

    /// <summary>Begins a frame again with the rest; the fields that were taken out follow.</summary>
    public static void BeginFrame(BatchBuffer output, ReadOnlySpan<byte> rest)
    {
        Span<byte> header = stackalloc byte[FrameHeader.Size];
        header.Clear();
        output.Write(header);
        output.Write(rest);
    }

    /// <summary>Writes the header, now that the length is known, and takes the frame.</summary>
    public static byte[] EndFrame(BatchBuffer output, FrameType type)
    {
        byte[] frame = output.Slice(0, output.Length).ToArray();
        new FrameHeader((uint)type, (uint)(frame.Length - FrameHeader.Size)).Write(frame);
        return frame;
    }

    public static void WriteBinpath(BatchBuffer output, ReadOnlySpan<byte> value) => WriteBytes(output, Binpath, value);

    public static void WriteUsername(BatchBuffer output, ReadOnlySpan<byte> value) => WriteBytes(output, Username, value);

    public static void WriteHostname(BatchBuffer output, ReadOnlySpan<byte> value) => WriteBytes(output, Hostname, value);

    public static void WriteVariable(BatchBuffer output, WireLayout layout, ReadOnlySpan<byte> value) =>
        WriteBytes(output, Environment - Shift(layout), value);

    public static void WriteObject(BatchBuffer output, WireLayout layout, ReadOnlySpan<byte> message) =>
        WriteBytes(output, SharedObjects - Shift(layout), message);

    public static void WriteModule(BatchBuffer output, ReadOnlySpan<byte> message) => WriteBytes(output, LoadedModules, message);

    /// <summary>Appends a length-delimited field.</summary>
    public static void WriteBytes(BatchBuffer output, uint field, ReadOnlySpan<byte> value)
    {
        Varint.Write(output, WireReader.BytesTag(field));
        Varint.Write(output, (ulong)value.Length);
        output.Write(value);
    }

    // Only what the view reads as these fields: the same number with another wire type is an unknown field and stays.
    private static bool IsTaken(uint tag, uint shift, WireLayout layout)
    {
        if ((tag & 7) != (WireReader.BytesTag(1) & 7))
            return false;
        uint field = tag >> 3;
        return field is Binpath or Username or Hostname
            || field == Environment - shift
            || field == SharedObjects - shift
            || (field == LoadedModules && layout != WireLayout.V03);
    }

    private static uint Shift(WireLayout layout) => layout == WireLayout.V03 ? 1u : 0u;

    private static int OffsetIn(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> part) =>
        (int)System.Runtime.CompilerServices.Unsafe.ByteOffset(
            ref System.Runtime.InteropServices.MemoryMarshal.GetReference(whole),
            ref System.Runtime.InteropServices.MemoryMarshal.GetReference(part));
}
