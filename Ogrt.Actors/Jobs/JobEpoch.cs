namespace Ogrt.Actors.Jobs;

/// <summary>Numbers that order what lives of a job write: an epoch in front, so that a later life's are always larger.</summary>
internal static class JobEpoch
{
    // 2^31 lives of a job, and 2^32 snapshots in each.
    private const int SequenceBits = 32;

    // Milliseconds since 1970 have 41 bits until 2039 and 42 until 2109; with 21 bits in front, a version is a positive 64-bit
    // number, which is what search servers take.
    private const int VersionBits = 42;

    /// <summary>The sequence number of a life's first snapshot, less one.</summary>
    public static long Before(long epoch) => epoch << SequenceBits;

    /// <summary>The epoch in a snapshot's sequence number.</summary>
    public static long OfSequence(long sequence) => sequence >> SequenceBits;

    /// <summary>How many snapshots the life of a sequence number has saved.</summary>
    public static long CountOf(long sequence) => sequence & ((1L << SequenceBits) - 1);

    /// <summary>The least version of a job record at a time.</summary>
    public static long Version(long epoch, DateTimeOffset now) => (epoch << VersionBits) + now.ToUnixTimeMilliseconds();
}
