using System.Globalization;
using System.Text;

namespace Ogrt.Sinks.Local;

/// <summary>The job that processes without a job id are listed under: one a host and day.</summary>
internal static class PseudoJob
{
    /// <summary>nojob-HOST-YYYYMMDD, by the time of the process in UTC.</summary>
    public static byte[] IdOf(ReadOnlySpan<byte> host, long timeNs)
    {
        DateTime day = DateTime.UnixEpoch.AddTicks(Math.Clamp(timeNs / 100, 0, (DateTime.MaxValue - DateTime.UnixEpoch).Ticks));
        byte[] suffix = Encoding.ASCII.GetBytes(day.ToString("'-'yyyyMMdd", CultureInfo.InvariantCulture));
        return [.. "nojob-"u8, .. host, .. suffix];
    }
}
