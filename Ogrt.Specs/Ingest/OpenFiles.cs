using System.Globalization;

namespace Ogrt.Specs.Ingest;

/// <summary>How many files this process may open; .NET raises it to the hard limit at its start.</summary>
internal static class OpenFiles
{
    public static long Limit { get; } = Read();

    private static long Read()
    {
        string line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        string soft = line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return soft == "unlimited" ? long.MaxValue : long.Parse(soft, CultureInfo.InvariantCulture);
    }
}
