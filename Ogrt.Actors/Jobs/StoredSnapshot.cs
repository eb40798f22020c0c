using System.Globalization;

namespace Ogrt.Actors.Jobs;

/// <summary>A snapshot file, as its name tells: <c>HASH-SEQUENCE-TICKS.snapshot</c>.</summary>
/// <param name="Path">The file.</param>
/// <param name="SequenceNr">Its number; the highest of a persistence id is the newest.</param>
/// <param name="Time">When it was taken, UTC.</param>
internal sealed record StoredSnapshot(string Path, long SequenceNr, DateTime Time)
{
    public const string Extension = ".snapshot";

    public static string Name(string hash, long sequenceNr, DateTime time) =>
        string.Create(CultureInfo.InvariantCulture, $"{hash}-{sequenceNr:D19}-{time.Ticks:D19}{Extension}");

    public static StoredSnapshot? TryParse(string path)
    {
        string[] parts = System.IO.Path.GetFileNameWithoutExtension(path).Split('-');
        return parts.Length == 3
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long sequenceNr)
            && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out long ticks)
            && ticks <= DateTime.MaxValue.Ticks
                ? new StoredSnapshot(path, sequenceNr, new DateTime(ticks, DateTimeKind.Utc))
                : null;
    }
}
