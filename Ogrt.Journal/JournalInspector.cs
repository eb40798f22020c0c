namespace Ogrt.Journal;

/// <summary>Looks at a journal's directory without changing anything and without its lock, so also while a server has it open.
/// A segment that the server releases meanwhile is left out.</summary>
public static class JournalInspector
{
    private const int BufferSize = 1024 * 1024;

    /// <summary>Reads every record and checks it.</summary>
    /// <param name="directory">The journal's directory.</param>
    /// <param name="progress">Told after each segment.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="DirectoryNotFoundException">The directory does not exist.</exception>
    public static JournalReport Verify(string directory, IProgress<SegmentReport>? progress = null, CancellationToken cancellationToken = default)
    {
        var files = new JournalDirectory(directory, JournalFiles.Real);
        List<JournalDirectory.Listed> listed = files.ListSegments();
        var report = new JournalReport { Id = FindIdentity(files, listed) };
        Guid id = report.Id ?? Guid.Empty;
        report.EndedCleanly = files.ReadCleanMark(id) is not null;
        report.CursorsAreGood = JournalDirectory.TryReadFile(files.In(JournalPaths.Cursors), out var content) && CursorFile.TryParse(content, id, out _);
        if (report.CursorsAreGood && CursorFile.TryParse(content, id, out List<CursorFile.Entry> cursors))
            report.Cursors = cursors.ConvertAll(cursor => (cursor.Name, cursor.Offset, cursor.Sequence));
        var quarantine = files.In(JournalPaths.Quarantine);
        report.QuarantinedFiles = Directory.Exists(quarantine) ? Directory.EnumerateFiles(quarantine).Count() : 0;

        using RecordScanner scanner = NewScanner(id);
        for (var index = 0; index < listed.Count; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (VerifySegment(scanner, id, listed, index, report) is not { } segment)
                continue;
            report.SegmentList.Add(segment);
            progress?.Report(segment);
        }

        return report;
    }

    /// <summary>The journal's identity, which a new journal in the same directory does not share; null where there is none yet.</summary>
    /// <param name="directory">The journal's directory.</param>
    /// <exception cref="DirectoryNotFoundException">The directory does not exist.</exception>
    public static Guid? Identify(string directory)
    {
        var files = new JournalDirectory(directory, JournalFiles.Real);
        return FindIdentity(files, files.ListSegments());
    }

    /// <summary>Reads records from an offset on; damaged places are skipped.</summary>
    /// <param name="directory">The journal's directory.</param>
    /// <param name="fromOffset">The first record's offset; one that is gone, or 0, means the oldest there is.</param>
    /// <param name="count">The most records to read.</param>
    /// <returns>The records; each payload is valid until the next one is taken.</returns>
    /// <exception cref="DirectoryNotFoundException">The directory does not exist.</exception>
    /// <exception cref="IOException">A segment cannot be read.</exception>
    public static IEnumerable<JournalRecord> Dump(string directory, long fromOffset = 0, long count = long.MaxValue)
    {
        var files = new JournalDirectory(directory, JournalFiles.Real);
        return Dump(files, files.ListSegments(), fromOffset, count);
    }

    private static IEnumerable<JournalRecord> Dump(JournalDirectory files, List<JournalDirectory.Listed> listed, long fromOffset, long count)
    {
        using RecordScanner scanner = NewScanner(FindIdentity(files, listed) ?? Guid.Empty);
        for (var index = 0; index < listed.Count && count > 0; index++)
        {
            var end = JournalDirectory.EndOf(listed, index);
            if (end <= fromOffset || !TryOpen(scanner, listed[index]))
                continue;
            scanner.NextSequence = RecordScanner.UnknownSequence;
            scanner.Position = Math.Max(fromOffset, listed[index].BaseOffset);
            while (count > 0 && scanner.TryNext(end, out JournalRecord record))
            {
                count--;
                yield return record;
            }
        }
    }

    private static SegmentReport? VerifySegment(RecordScanner scanner, Guid id, List<JournalDirectory.Listed> listed, int index, JournalReport report)
    {
        JournalDirectory.Listed file = listed[index];
        var segment = new SegmentReport { Name = Path.GetFileName(file.Path), BaseOffset = file.BaseOffset, BaseSequence = file.BaseSequence, FileBytes = file.Length };
        try
        {
            if (!TryOpen(scanner, file))
            {
                scanner.NextSequence = RecordScanner.UnknownSequence; // What it held was read by everybody, not lost.
                return null;
            }

            if (scanner.NextSequence != RecordScanner.UnknownSequence)
                report.LostRecords += Math.Max(0, file.BaseSequence - scanner.NextSequence);
            scanner.NextSequence = file.BaseSequence;
            var isLast = index == listed.Count - 1;
            segment.HeaderIsGood = scanner.TryReadHeader(out SegmentHeader header)
                ? header.Journal == id && header.BaseOffset == file.BaseOffset && header.BaseSequence == file.BaseSequence
                : isLast && file.Length < SegmentHeader.Size; // It is being made, or was when the process died.
            ReadRecords(scanner, JournalDirectory.EndOf(listed, index), isLast, segment, report);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            segment.Error = error.Message;
        }

        segment.EndOffset = scanner.Position;
        return segment;
    }

    private static void ReadRecords(RecordScanner scanner, long end, bool isLast, SegmentReport segment, JournalReport report)
    {
        while (scanner.TryNext(end, out JournalRecord record))
        {
            if (scanner.SkippedBytes > 0)
            {
                segment.Damages.Add(new JournalDamage(record.Offset - scanner.SkippedBytes, scanner.SkippedBytes, scanner.SkippedRecords));
                report.LostRecords += scanner.SkippedRecords;
            }

            if (segment.Records++ == 0)
                segment.FirstArrivalUnixNs = record.ArrivalUnixNs;
            segment.LastArrivalUnixNs = record.ArrivalUnixNs;
            segment.PayloadBytes += record.Payload.Length;
        }

        if (scanner.Position == end)
            return;
        if (isLast)
            segment.UnfinishedBytes = end - scanner.Position;
        else
            segment.Damages.Add(new JournalDamage(scanner.Position, end - scanner.Position, 0));
    }

    private static Guid? FindIdentity(JournalDirectory files, List<JournalDirectory.Listed> listed)
    {
        if (files.ReadIdentity() is { } id)
            return id;
        using RecordScanner scanner = NewScanner(Guid.Empty);
        foreach (JournalDirectory.Listed segment in listed)
        {
            if (TryOpen(scanner, segment) && scanner.TryReadHeader(out SegmentHeader header))
                return header.Journal;
        }

        return null;
    }

    /// <summary>The limit on a record's size is the writer's matter; here any that fits in its segment is read.</summary>
    private static RecordScanner NewScanner(Guid id) => new(JournalFiles.Real, RecordHeader.SaltOf(id), 1 << 30, BufferSize);

    private static bool TryOpen(RecordScanner scanner, JournalDirectory.Listed segment)
    {
        try
        {
            scanner.Open(segment.Path, segment.BaseOffset, segment.BaseSequence);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false; // released meanwhile
        }
    }
}
