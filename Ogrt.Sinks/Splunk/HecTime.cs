using System.Buffers.Text;

namespace Ogrt.Sinks.Splunk;

/// <summary>
/// The time of an event as the collector wants it: seconds since 1970 in plain decimals. It refuses exponents, and a double
/// has no room for nanoseconds, so that it is written from integers.
/// </summary>
internal static class HecTime
{
    /// <summary>Bytes that a time needs at most.</summary>
    public const int MaxLength = 20;

    private const long Second = 1_000_000_000;
    private const int Digits = 9;

    /// <summary>Writes a time, at least 0; digits that say nothing are left out.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int Write(long unixNs, Span<byte> text)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(unixNs);
        (long seconds, long rest) = Math.DivRem(unixNs, Second);
        Utf8Formatter.TryFormat(seconds, text, out int length);
        if (rest == 0)
            return length;
        text[length++] = (byte)'.';
        int digits = Digits;
        while (rest % 10 == 0)
        {
            rest /= 10;
            digits--;
        }
        for (int n = digits - 1; n >= 0; n--)
        {
            text[length + n] = (byte)('0' + rest % 10);
            rest /= 10;
        }
        return length + digits;
    }
}
