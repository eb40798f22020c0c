using System.Buffers.Binary;
using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

/// <summary>A directory with a journal in it, deleted afterwards.</summary>
internal sealed class TempJournal : IDisposable
{
    public TempJournal() => Directory = System.IO.Directory.CreateTempSubdirectory("ogrt-").FullName;

    public string Directory { get; }

    public string Quarantine => Path.Combine(Directory, "quarantine");

    public string Cursors => Path.Combine(Directory, "cursors");

    /// <summary>The segment files, oldest first.</summary>
    public string[] Segments => [.. System.IO.Directory.GetFiles(Directory, "*.segment").Order(StringComparer.Ordinal)];

    public JournalOptions Options(long segmentSize = 4096, long maxSize = 1 << 20, SyncPolicy sync = SyncPolicy.Interval, int maxRecordSize = 65536, long tailMemory = 0) => new()
    {
        Directory = Directory,
        SegmentSize = segmentSize,
        MaxSize = maxSize,
        MaxRecordSize = maxRecordSize,
        Sync = sync,
        SyncInterval = TimeSpan.FromMilliseconds(5),
        RetryInterval = TimeSpan.FromMilliseconds(5),
        ReadBufferSize = 4096,
        // What is read here is to come from the files.
        TailMemory = tailMemory,
    };

    public SegmentedJournal Open(long segmentSize = 4096, long maxSize = 1 << 20, SyncPolicy sync = SyncPolicy.Interval) =>
        SegmentedJournal.Open(Options(segmentSize, maxSize, sync));

    /// <summary>A copy of the files as they lie there now, as a crash at this moment would leave them.</summary>
    public TempJournal Copy()
    {
        var copy = new TempJournal();
        foreach (var file in System.IO.Directory.GetFiles(Directory).Where(file => !file.EndsWith("lock", StringComparison.Ordinal) && !file.EndsWith(".tmp", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(copy.Directory, Path.GetFileName(file)));
        return copy;
    }

    public static JournalBatch Batch(params int[] numbers)
    {
        var batch = new JournalBatch();
        foreach (var number in numbers)
            batch.Add(1, 1000 + number, default, Payload(number));
        return batch;
    }

    /// <summary>A payload that tells its number and whose every byte follows from it.</summary>
    public static byte[] Payload(int number)
    {
        var payload = new byte[4 + number % 97];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        for (var i = 4; i < payload.Length; i++)
            payload[i] = (byte)(number * 31 + i);
        return payload;
    }

    /// <summary>The number in a payload, after a look at every byte.</summary>
    public static int Number(in JournalRecord record)
    {
        ReadOnlySpan<byte> payload = record.Payload.Span;
        var number = BinaryPrimitives.ReadInt32LittleEndian(payload);
        Assert.Equal(Payload(number), payload);
        Assert.Equal(1000 + number, record.ArrivalUnixNs);
        return number;
    }

    public static List<int> ReadAll(JournalReader reader)
    {
        var numbers = new List<int>();
        while (reader.TryRead(out JournalRecord record))
            numbers.Add(Number(record));
        return numbers;
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
