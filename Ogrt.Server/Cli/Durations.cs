using System.Globalization;

namespace Ogrt.Server.Cli;

/// <summary>Times as the tables show them.</summary>
public static class Durations
{
    /// <summary>An elapsed time as Slurm writes it: <c>[DD-[HH:]]MM:SS</c>.</summary>
    public static string Elapsed(TimeSpan time)
    {
        if (time < TimeSpan.Zero) time = TimeSpan.Zero;
        if (time.Days > 0) return time.ToString(@"d\-hh\:mm\:ss", CultureInfo.InvariantCulture);
        return time.ToString(time.Hours > 0 ? @"hh\:mm\:ss" : @"mm\:ss", CultureInfo.InvariantCulture);
    }

    /// <summary>A point in time in the local zone, to the second.</summary>
    public static string Local(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A point in time for a program: UTC, RFC 3339.</summary>
    public static string Utc(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Nanoseconds since 1970 as a point in time; those outside of the calendar as its ends.</summary>
    public static DateTimeOffset FromUnixNanoseconds(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100);
}
