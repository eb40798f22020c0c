namespace Ogrt.Sinks.Local;

/// <summary>Base-128 numbers as in protobuf.</summary>
internal static class Varint
{
    public const int MaxLength = 10;

    public static void Write(BatchBuffer output, ulong value)
    {
        Span<byte> bytes = output.GetSpan(MaxLength);
        int n = 0;
        for (; value >= 0x80; value >>= 7)
            bytes[n++] = (byte)(value | 0x80);
        bytes[n++] = (byte)value;
        output.Advance(n);
    }

    /// <summary>Reads a number from the front of <paramref name="bytes"/> and moves past it; false at the end or in garbage.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (int n = 0; n < bytes.Length && n < MaxLength; n++)
        {
            value |= (ulong)(bytes[n] & 0x7f) << (7 * n);
            if (bytes[n] < 0x80)
            {
                bytes = bytes[(n + 1)..];
                return true;
            }
        }
        return false;
    }
}
