using System.Globalization;
using System.Text;

namespace Ogrt.Sinks.Elasticsearch;

/// <summary>
/// The names of dated indices, by the time of a record. A client whose clock is wrong must not make an index for each of
/// its wrong days: a time too far from the record's arrival gives way to the arrival. Used by one thread.
/// </summary>
internal sealed class IndexNames(string prefix, IndexPeriod period, TimeSpan past, TimeSpan future)
{
    private const long Second = 1_000_000_000;
    private const long SecondsOfDay = 86_400;

    // Records come in the order of time, but for a few.
    private const int Remembered = 8;

    private readonly long _past = (long)past.TotalSeconds;
    private readonly long _future = (long)future.TotalSeconds;
    private readonly (long Day, byte[] Name)[] _names = new (long, byte[])[Remembered];

    /// <summary>The time that counts for a record, in nanoseconds since 1970: its own, or its arrival.</summary>
    public long Clamp(long timeNs, long arrivalNs)
    {
        // In seconds, so that the difference of any two fits.
        long difference = (timeNs / Second) - (arrivalNs / Second);
        return difference < -_past || difference > _future ? arrivalNs : timeNs;
    }

    /// <summary>The name of the index of a time that was clamped.</summary>
    public ReadOnlySpan<byte> Of(long timeNs)
    {
        (long day, long rest) = Math.DivRem(timeNs / Second, SecondsOfDay);
        if (rest < 0)
            day--;
        ref (long Day, byte[] Name) slot = ref _names[(int)(day & (Remembered - 1))];
        if (slot.Name is null || slot.Day != day)
            slot = (day, Make(day));
        return slot.Name;
    }

    private byte[] Make(long day)
    {
        DateTime date = DateTime.UnixEpoch.AddDays(day);
        string format = period == IndexPeriod.Day ? "yyyy.MM.dd" : "yyyy.MM";
        return Encoding.ASCII.GetBytes($"{prefix}-{date.ToString(format, CultureInfo.InvariantCulture)}");
    }
}
