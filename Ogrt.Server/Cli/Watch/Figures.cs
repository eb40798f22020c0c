using System.Globalization;

namespace Ogrt.Server.Cli.Watch;

/// <summary>Numbers for people. What is not known is "-", which is not 0.</summary>
internal static class Figures
{
    public const string Unknown = "-";

    private static readonly string[] Units = ["", "k", "M", "G", "T", "P"];

    /// <summary>A count in at most six characters, or as it is.</summary>
    public static string Count(double? value, bool raw)
    {
        if (value is not { } number || double.IsNaN(number)) return Unknown;
        if (raw || Math.Abs(number) < 10_000) return number.ToString(number == Math.Floor(number) ? "0" : "0.##", CultureInfo.InvariantCulture);
        int unit = 0;
        while (Math.Abs(number) >= 999.95 && unit < Units.Length - 1)
        {
            number /= 1000;
            unit++;
        }
        return number.ToString("0.0", CultureInfo.InvariantCulture) + Units[unit];
    }

    /// <summary>A rate a second; a small one with a digit behind the point.</summary>
    public static string Rate(double? value, bool raw)
    {
        if (value is not { } number || double.IsNaN(number)) return Unknown;
        return number is > 0 and < 100 && !raw ? number.ToString("0.#", CultureInfo.InvariantCulture) is var text && text == "0" ? "<0.1" : number.ToString("0.#", CultureInfo.InvariantCulture)
            : Count(Math.Round(number, raw ? 3 : 0), raw);
    }

    /// <summary>A duration, from microseconds to days.</summary>
    public static string Seconds(double? value)
    {
        if (value is not { } seconds || double.IsNaN(seconds)) return Unknown;
        return seconds switch
        {
            <= 0 => "0",
            < 0.001 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0}us"),
            < 1 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:0.#}ms"),
            < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#}s"),
            < 3600 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 60):0}m{seconds % 60:00}s"),
            < 86400 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 3600):0}h{Math.Floor(seconds % 3600 / 60):00}m"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 86400):0}d{Math.Floor(seconds % 86400 / 3600):00}h"),
        };
    }
}
