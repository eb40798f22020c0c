using System.Diagnostics;
using System.Globalization;

namespace Ogrt.Specs.EndToEnd;

/// <summary>What the kernel says of another process.</summary>
internal static class ProcessCost
{
    /// <summary>Processor time of all its threads so far, user and system, in seconds.</summary>
    public static double ProcessorSeconds(int process)
    {
        using var running = Process.GetProcessById(process);
        return running.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>Its resident set, in MiB: the largest so far (<c>VmHWM</c>) or the present one (<c>VmRSS</c>).</summary>
    public static double MemoryMiB(int process, string field)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(field + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }
}
