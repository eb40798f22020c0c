using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ogrt.Wire;

/// <summary>Names of jobs: what clients send, and the entity id in the cluster that is made of it.</summary>
public static class JobName
{
    /// <summary>Longer job ids, in characters, keep their beginning and get a hash of the whole.</summary>
    public const int MaxLength = 256;

    private const int KeptOfLongName = 223;

    /// <summary>A job id as text: bytes that are no UTF-8 become U+FFFD, and its length is bounded.</summary>
    public static string FromBytes(ReadOnlySpan<byte> jobId)
    {
        // A character has at most four bytes: nothing longer than this can be within the limit.
        if (jobId.Length > 4 * MaxLength)
            return Shorten(Encoding.UTF8.GetString(jobId[..(4 * MaxLength)]), SHA256.HashData(jobId));
        string text = Encoding.UTF8.GetString(jobId);
        return text.Length <= MaxLength ? text : Shorten(text, SHA256.HashData(jobId));
    }

    /// <summary>The pseudo job of processes without a job id, of one host and day (UTC).</summary>
    public static string Pseudo(ReadOnlySpan<byte> host, DateOnly day) =>
        string.Create(CultureInfo.InvariantCulture, $"nojob-{FromBytes(host)}-{day:yyyy-MM-dd}");

    /// <summary>The day (UTC) of a time in nanoseconds since 1970, whatever number a client sent.</summary>
    public static DateOnly DayOf(long timeNs)
    {
        long days = Math.Clamp(timeNs / 86_400_000_000_000 + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber,
            DateOnly.MinValue.DayNumber, DateOnly.MaxValue.DayNumber);
        return DateOnly.FromDayNumber((int)days);
    }

    /// <summary>The entity id: cluster name, a slash, job id.</summary>
    public static string EntityId(string cluster, string jobId) => $"{cluster}/{Bounded(jobId)}";

    /// <summary>The job id in an entity id.</summary>
    public static string JobIdOf(string entityId)
    {
        ArgumentNullException.ThrowIfNull(entityId);
        return entityId[(entityId.IndexOf('/', StringComparison.Ordinal) + 1)..];
    }

    private static string Bounded(string jobId) =>
        jobId.Length <= MaxLength ? jobId : FromBytes(Encoding.UTF8.GetBytes(jobId));

    private static string Shorten(string text, byte[] hash)
    {
        int length = KeptOfLongName;
        if (char.IsHighSurrogate(text[length - 1]))
            length--;
        return $"{text[..length]}~{Convert.ToHexStringLower(hash.AsSpan(0, 16))}";
    }
}
