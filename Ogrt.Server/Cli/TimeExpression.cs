using System.Globalization;
using System.Text.RegularExpressions;

namespace Ogrt.Server.Cli;

/// <summary>
/// Points in time as operators write them: the forms of Slurm's <c>sacct</c> (https://slurm.schedmd.com/sacct.html, "-S"),
/// RFC 3339 with a zone, and <c>@seconds</c> since 1970. Without a zone they are local times.
/// </summary>
public static partial class TimeExpression
{
    /// <summary>The forms, for a help text.</summary>
    public const string Forms =
        "HH:MM[:SS], MMDD[YY], MM/DD[/YY][-HH:MM[:SS]], YYYY-MM-DD[THH:MM[:SS][ZONE]], @SECONDS, now[+-]N(seconds|minutes|hours|days|weeks), today, midnight, noon, fika, teatime";

    /// <summary>Reads an expression.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="now">The present; its offset is the local zone's.</param>
    /// <param name="time">The point in time.</param>
    /// <returns>False when it has none of the forms.</returns>
    public static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset time)
    {
        time = default;
        text = text.Trim();
        var midnight = new DateTimeOffset(now.Date, now.Offset);
        switch (text.ToUpperInvariant())
        {
            case "NOW": time = now; return true;
            case "TODAY" or "MIDNIGHT": time = midnight; return true;
            case "NOON": time = midnight.AddHours(12); return true;
            case "FIKA": time = midnight.AddHours(15); return true;
            case "TEATIME": time = midnight.AddHours(16); return true;
        }
        if (text.StartsWith('@')) return TryEpoch(text.AsSpan(1), out time);
        if (Relative().Match(text) is { Success: true } relative) return TryRelative(relative, now, out time);
        if (Zoned().IsMatch(text))
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
        return TryLocal(text, now, out time);
    }

    private static bool TryEpoch(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        time = default;
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out decimal seconds)
            || seconds is < -62135596800 or > 253402300799) return false;
        time = DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
        return true;
    }

    private static bool TryRelative(Match match, DateTimeOffset now, out DateTimeOffset time)
    {
        time = default;
        if (!int.TryParse(match.Groups["count"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int count)) return false;
        long unit = match.Groups["unit"].Value.ToUpperInvariant().TrimEnd('S') switch
        {
            "MINUTE" or "MIN" or "M" => TimeSpan.TicksPerMinute,
            "HOUR" or "H" => TimeSpan.TicksPerHour,
            "DAY" or "D" => TimeSpan.TicksPerDay,
            "WEEK" or "W" => 7 * TimeSpan.TicksPerDay,
            _ => TimeSpan.TicksPerSecond,
        };
        Int128 ticks = (Int128)now.Ticks + (match.Groups["sign"].ValueSpan[0] == '-' ? -1 : 1) * (Int128)unit * count;
        if (ticks <= DateTimeOffset.MinValue.AddDays(1).Ticks || ticks >= DateTimeOffset.MaxValue.AddDays(-1).Ticks) return false;
        time = new DateTimeOffset((long)ticks, now.Offset);
        return true;
    }

    private static bool TryLocal(string text, DateTimeOffset now, out DateTimeOffset time)
    {
        time = default;
        string[] dayTime = ["HH:mm", "HH:mm:ss", "H:mm", "H:mm:ss"];
        if (DateTime.TryParseExact(text, dayTime, CultureInfo.InvariantCulture, DateTimeStyles.NoCurrentDateDefault, out DateTime clock))
            return Local(now.Date + clock.TimeOfDay, now, out time);
        if (DateTime.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "MMddyy", "MM/dd/yy", "MM/dd/yy-HH:mm",
            "MM/dd/yy-HH:mm:ss", "MM.dd.yy", "MM.dd.yy-HH:mm", "MM.dd.yy-HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime date))
            return Local(date, now, out time);
        // Without a year: this year's. The year is put in front, so that 29 February is read in the right one.
        if (DateTime.TryParseExact(now.Year.ToString("d4", CultureInfo.InvariantCulture) + " " + text, ["yyyy MMdd", "yyyy MM/dd", "yyyy MM/dd-HH:mm",
            "yyyy MM/dd-HH:mm:ss", "yyyy MM.dd", "yyyy MM.dd-HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out date))
            return Local(date, now, out time);
        return false;
    }

    private static bool Local(DateTime date, DateTimeOffset now, out DateTimeOffset time)
    {
        TimeSpan offset = TimeZoneInfo.Local.GetUtcOffset(now) == now.Offset ? TimeZoneInfo.Local.GetUtcOffset(date) : now.Offset;
        time = new DateTimeOffset(DateTime.SpecifyKind(date, DateTimeKind.Unspecified), offset);
        return true;
    }

    [GeneratedRegex(@"^now\s*(?<sign>[+-])\s*(?<count>\d{1,9})\s*(?<unit>(seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|d|weeks?|w)?)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Relative();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Zoned();
}
