using Microsoft.Win32.SafeHandles;

namespace Ogrt.Journal;

/// <summary>
/// Looks at a segment's header. The header says nothing that the file's name, the journal's id and the records' own CRCs do not
/// say too, so a damaged one costs nothing: a segment in which a good record is found gets a new header, and a copy of the old
/// one is kept in the quarantine. Only a segment without a good record, or another journal's, is unusable.
/// </summary>
internal static class SegmentChecker
{
    /// <summary>Checks the segment that <paramref name="scanner"/> has open. The scanner stays at the first record.</summary>
    public static SegmentCheck Check(RecordScanner scanner, Guid journal, string path, long baseOffset, long baseSequence, long end, JournalDirectory directory)
    {
        if (scanner.TryReadHeader(out SegmentHeader header))
            return header.Journal == journal && header.BaseOffset == baseOffset && header.BaseSequence == baseSequence ? SegmentCheck.Good : SegmentCheck.Unusable;
        if (end == baseOffset)
            return SegmentCheck.Unfinished;

        var expected = scanner.NextSequence;
        scanner.NextSequence = RecordScanner.UnknownSequence;
        var readable = scanner.TryNext(end, out _);
        scanner.Position = baseOffset;
        scanner.NextSequence = expected;
        if (!readable)
            return SegmentCheck.Unusable;
        Repair(path, new SegmentHeader(journal, baseOffset, baseSequence, 0), directory);
        return SegmentCheck.Repaired;
    }

    private static void Repair(string path, SegmentHeader header, JournalDirectory directory)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
        using SafeFileHandle file = directory.Files.OpenWrite(path);
        var read = directory.Files.Read(file, bytes, 0);
        Directory.CreateDirectory(directory.In(JournalPaths.Quarantine));
        directory.Files.Replace(Path.Combine(directory.In(JournalPaths.Quarantine), Path.GetFileName(path) + ".header"), bytes[..read], durable: true);
        header.Write(bytes);
        directory.Files.Write(file, bytes, 0);
        directory.Files.Sync(file);
    }
}
