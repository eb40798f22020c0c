using System.Globalization;

namespace Ogrt.Journal;

/// <summary>The small files around the segments: identity, cursors, the mark of a clean end, and the quarantine.</summary>
internal sealed class JournalDirectory(string path, JournalFiles files)
{
    private const string IdentityLine = "ogrt-journal 1 ";
    private const string CleanLine = "ogrt-journal-clean 1 ";

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public JournalFiles Files { get; } = files;

    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A file in the list of segments.</summary>
    internal readonly record struct Listed(string Path, long BaseOffset, long BaseSequence, long Length);

    /// <summary>The segment files in the order of their offsets. Only the directory is read, no file.</summary>
    public List<Listed> ListSegments()
    {
        var found = new List<Listed>();
        foreach (FileInfo file in new DirectoryInfo(Path).EnumerateFiles("*" + JournalPaths.SegmentSuffix))
        {
            if (JournalPaths.TryParseSegmentName(file.Name, out var offset, out var sequence) && TryGetLength(file, out var length))
                found.Add(new Listed(file.FullName, offset, sequence, length));
        }

        found.Sort((a, b) => a.BaseOffset != b.BaseOffset ? a.BaseOffset.CompareTo(b.BaseOffset) : a.BaseSequence.CompareTo(b.BaseSequence));
        for (var i = 0; i < found.Count - 1; i++)
            found[i] = Refresh(found[i], found[i + 1].BaseOffset);
        return found;
    }

    /// <summary>A journal that is open may have grown a segment after its length was asked for, and then begun the next. Once there
    /// is a next one, the length is final.</summary>
    private static Listed Refresh(Listed segment, long nextBaseOffset) =>
        segment.BaseOffset + segment.Length - SegmentHeader.Size < nextBaseOffset && TryGetLength(new FileInfo(segment.Path), out var length)
            ? segment with { Length = length }
            : segment;

    /// <summary>The offset at which the data of a listed segment ends: by its file's length, and never beyond the next segment's
    /// first record (after a failed sync, the end of a file has been written again into the next).</summary>
    public static long EndOf(List<Listed> segments, int index)
    {
        Listed segment = segments[index];
        var byLength = segment.BaseOffset + Math.Max(0, segment.Length - SegmentHeader.Size);
        return index + 1 < segments.Count ? Math.Min(byLength, segments[index + 1].BaseOffset) : byLength;
    }

    /// <summary>The journal's id, or null when its file is missing or damaged.</summary>
    public Guid? ReadIdentity() =>
        TryReadFile(In(JournalPaths.Identity), out var content)
        && Checked.TryOpen(content, out var lines)
        && lines[0].StartsWith(IdentityLine, StringComparison.Ordinal)
        && Guid.TryParseExact(lines[0][IdentityLine.Length..], "D", out Guid id)
            ? id
            : null;

    public void WriteIdentity(Guid id) => Files.Replace(In(JournalPaths.Identity), Checked.Seal($"{IdentityLine}{id:D}\n"), durable: true);

    /// <summary>The end that a clean close has noted, or null.</summary>
    public (long Offset, long Sequence)? ReadCleanMark(Guid id)
    {
        if (!TryReadFile(In(JournalPaths.CleanMark), out var content)
            || !Checked.TryOpen(content, out var lines)
            || lines.Length != 2
            || lines[0] != $"{CleanLine}{id:D}")
            return null;
        var fields = lines[1].Split(' ');
        return fields.Length == 2
            && long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            && long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                ? (offset, sequence)
                : null;
    }

    public void WriteCleanMark(Guid id, long offset, long sequence) =>
        Files.Replace(In(JournalPaths.CleanMark), Checked.Seal(string.Create(CultureInfo.InvariantCulture, $"{CleanLine}{id:D}\n{offset} {sequence}\n")), durable: true);

    /// <summary>Takes the mark away for good, before anything is appended.</summary>
    public void RemoveCleanMark()
    {
        Files.Delete(In(JournalPaths.CleanMark));
        Files.SyncDirectory(Path);
    }

    /// <summary>Moves a file out of the way without deleting it and returns where it is now.</summary>
    public string MoveToQuarantine(string file)
    {
        var directory = In(JournalPaths.Quarantine);
        Directory.CreateDirectory(directory);
        var name = System.IO.Path.GetFileName(file);
        var target = System.IO.Path.Combine(directory, name);
        for (var number = 1; File.Exists(target); number++)
            target = System.IO.Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{name}.{number}"));
        Files.Rename(file, target);
        Files.SyncDirectory(directory);
        Files.SyncDirectory(Path);
        return target;
    }

    /// <summary>Deletes what a crash in the middle of <see cref="JournalFiles.Replace"/> left.</summary>
    public void DeleteTemporaries()
    {
        foreach (var file in Directory.EnumerateFiles(Path, "*" + JournalPaths.TemporarySuffix))
            Files.Delete(file);
    }

    public static bool TryReadFile(string path, out byte[] content)
    {
        content = [];
        try
        {
            content = File.ReadAllBytes(path);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool TryGetLength(FileInfo file, out long length)
    {
        length = 0;
        try
        {
            length = file.Length;
            return true;
        }
        catch (FileNotFoundException)
        {
            return false; // released between listing and asking
        }
    }
}
