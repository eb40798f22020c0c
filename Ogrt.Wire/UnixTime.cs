namespace Ogrt.Wire;

/// <summary>Conversions between units of time since 1970 that saturate instead of wrapping: a sender may send any number.</summary>
internal static class UnixTime
{
    /// <summary>Nanoseconds of a second.</summary>
    public const long Second = 1_000_000_000;

    /// <summary>Nanoseconds of a millisecond.</summary>
    public const long Millisecond = 1_000_000;

    /// <summary>A time in nanoseconds.</summary>
    /// <param name="time">A time.</param>
    /// <param name="unit">Nanoseconds of its unit.</param>
    public static long ToNanoseconds(long time, long unit) => Multiply(time, unit);

    /// <summary>A time in milliseconds.</summary>
    /// <param name="time">A time.</param>
    /// <param name="unit">Nanoseconds of its unit: a second or a millisecond.</param>
    public static long ToMilliseconds(long time, long unit) => Multiply(time, unit / Millisecond);

    /// <summary>A time in seconds, rounded down.</summary>
    /// <param name="time">A time.</param>
    /// <param name="unit">Nanoseconds of its unit.</param>
    public static long ToSeconds(long time, long unit) => unit == Second ? time : FloorDivide(time, Second / unit);

    /// <summary>A quotient rounded towards minus infinity, so that times before 1970 come out right.</summary>
    /// <param name="value">The dividend.</param>
    /// <param name="divisor">A positive divisor.</param>
    public static long FloorDivide(long value, long divisor)
    {
        (long quotient, long remainder) = Math.DivRem(value, divisor);
        return remainder < 0 ? quotient - 1 : quotient;
    }

    private static long Multiply(long value, long factor)
    {
        if (factor == 1) return value;
        long high = Math.BigMul(value, factor, out long low);
        return high == low >> 63 ? low : value < 0 ? long.MinValue : long.MaxValue;
    }
}
