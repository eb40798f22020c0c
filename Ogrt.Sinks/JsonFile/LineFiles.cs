using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Ogrt.Sinks.JsonFile;

/// <summary>
/// Files of lines, a new one each day and above a size, that only ever hold whole lines: what a crash or a full disk left of
/// a line is cut off. Somebody else may rename, delete, cut or append to the file at any time. Errors are those that
/// <see cref="FileVerdicts"/> knows; after one the same lines can be appended again. Not thread-safe.
/// </summary>
/// <param name="directory">Where they are.</param>
/// <param name="prefix">What their names begin with.</param>
/// <param name="rotateSize">Bytes above which a new one begins; 0 for none.</param>
/// <param name="fsync">Whether an append waits for the disk.</param>
/// <param name="time">What tells the day.</param>
/// <param name="write">How bytes are written at a position; a spec has it fail.</param>
internal sealed class LineFiles(
    string directory, string prefix, long rotateSize, bool fsync, TimeProvider time,
    Action<SafeFileHandle, ReadOnlyMemory<byte>, long>? write = null) : IDisposable
{
    private const string Suffix = ".jsonl";
    private const int TailChunk = 64 * 1024;

    private FileStream? _stream;
    private string _path = "";
    private string _day = "";
    private long _length;
    private FileState? _state;
    private bool _directorySynced;

    /// <summary>The file that is being written; empty before the first one.</summary>
    public string CurrentPath => _path;

    /// <summary>Bytes of half lines that were cut off.</summary>
    public long TornBytes { get; private set; }

    /// <summary>How often somebody else had changed the length of the file that is being written.</summary>
    public long ForeignChanges { get; private set; }

    /// <summary>Makes the directory, cuts off what a crash left of a line, and goes on with today's newest file, if there is one.</summary>
    public void Open()
    {
        OwnerFiles.CreateDirectory(directory);
        // The file that was being written need not be of today: the crash may have been yesterday, or the clock may have jumped.
        foreach (string file in Files().ToList())
        {
            using FileStream stream = OwnerFiles.OpenOrCreate(file);
            CutHalfLine(stream.SafeFileHandle, stream.Length);
        }
        Roll(Today());
    }

    /// <summary>Appends whole lines with one write. When it returns without an error they count as written.</summary>
    public void Append(ReadOnlyMemory<byte> lines)
    {
        string day = Today();
        if (_stream is null || day != _day || WasTakenAway())
            Roll(day, lines.Length);
        FollowLength(_stream!.SafeFileHandle);
        if (IsFull(lines.Length))
            Roll(day, lines.Length);
        SafeFileHandle file = _stream!.SafeFileHandle;
        try
        {
            if (write is null)
                RandomAccess.Write(file, lines.Span, _length);
            else
                write(file, lines, _length);
            if (fsync)
            {
                RandomAccess.FlushToDisk(file);
                if (!_directorySynced)
                    OwnerFiles.SyncDirectory(directory);
                _directorySynced = true;
            }
            if (FileState.Of(file) is { Links: 0 })
                throw new FileReplacedException(_path);
            _length += lines.Length;
        }
        catch
        {
            // Half of it may be there. The next append begins where the last one ended, but may never come.
            CutBack(file);
            throw;
        }
    }

    /// <summary>Deletes old files; the one being written stays.</summary>
    public int DeleteOld(int keepFiles, TimeSpan keepAge)
    {
        if (keepFiles == 0 && keepAge == TimeSpan.Zero)
            return 0;
        List<string> old = [.. Files().Where(f => f != _path)];
        int deleted = 0;
        for (int n = 0; n < old.Count; n++)
        {
            bool tooMany = keepFiles > 0 && old.Count - n > keepFiles;
            bool tooOld = keepAge > TimeSpan.Zero && time.GetUtcNow() - File.GetLastWriteTimeUtc(old[n]) > keepAge;
            if (!tooMany && !tooOld)
                continue;
            File.Delete(old[n]);
            deleted++;
        }
        return deleted;
    }

    public void Dispose() => Close();

    private bool IsFull(int more) => rotateSize > 0 && _length > 0 && _length + more > rotateSize;

    // Somebody may delete or move the file, and put another in its place; what is written to ours then would be lost with it.
    private bool WasTakenAway() => _state is not { } state || !state.IsSame(FileState.Of(_path));

    // Where the file was cut, writing on at the old end would make a hole of zeros.
    private void FollowLength(SafeFileHandle file)
    {
        long length = RandomAccess.GetLength(file);
        if (length == _length)
            return;
        ForeignChanges++;
        _length = CutHalfLine(file, length);
    }

    private void Roll(string day, int more = 0)
    {
        Close();
        OwnerFiles.CreateDirectory(directory);
        int number = NewestNumber(day);
        OpenFile(PathOf(day, Math.Max(number, 1)));
        _day = day;
        if (IsFull(more) || (more == 0 && rotateSize > 0 && _length >= rotateSize))
        {
            Close();
            OpenFile(PathOf(day, number + 1));
        }
    }

    private void OpenFile(string path)
    {
        FileStream stream = OwnerFiles.OpenOrCreate(path);
        try
        {
            _length = CutHalfLine(stream.SafeFileHandle, stream.Length);
            _state = FileState.Of(stream.SafeFileHandle);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
        _stream = stream;
        _path = path;
        _directorySynced = false;
    }

    /// <summary>Cuts off what stands behind the last whole line.</summary>
    /// <returns>The length that is left.</returns>
    private long CutHalfLine(SafeFileHandle file, long length)
    {
        byte last = 0;
        if (length > 0)
            RandomAccess.Read(file, new Span<byte>(ref last), length - 1);
        if (last == (byte)'\n')
            return length;
        long end = EndOfLastLine(file, length);
        if (end != length)
        {
            RandomAccess.SetLength(file, end);
            TornBytes += length - end;
        }
        return end;
    }

    private void Close()
    {
        _stream?.Dispose();
        _stream = null;
        _state = null;
        _length = 0;
    }

    private void CutBack(SafeFileHandle file)
    {
        try
        {
            RandomAccess.SetLength(file, _length);
        }
        catch (Exception e) when (FileVerdicts.Knows(e))
        {
            // The next append opens the file again and cuts it then.
            Close();
        }
    }

    private int NewestNumber(string day)
    {
        int newest = 0;
        foreach (string file in Files())
        {
            ReadOnlySpan<char> name = Path.GetFileName(file.AsSpan())[(prefix.Length + 1)..^Suffix.Length];
            if (name.StartsWith(day, StringComparison.Ordinal))
                newest = Math.Max(newest, int.Parse(name[(day.Length + 1)..], CultureInfo.InvariantCulture));
        }
        return newest;
    }

    /// <summary>The files with our names, oldest first. Nothing else in the directory is ours.</summary>
    private IEnumerable<string> Files() => Directory.EnumerateFiles(directory, prefix + "-*" + Suffix)
        .Where(f => IsOurs(Path.GetFileName(f)))
        .OrderBy(f => Path.GetFileName(f).Length).ThenBy(f => f, StringComparer.Ordinal)
        .OrderBy(f => Path.GetFileName(f).AsSpan(prefix.Length + 1, 8).ToString(), StringComparer.Ordinal);

    // PREFIX-YYYYMMDD-NNNN.jsonl, the number of four digits or more.
    private bool IsOurs(string name)
    {
        if (name.Length < prefix.Length + 1 + 8 + 1 + 4 + Suffix.Length || !name.StartsWith(prefix + "-", StringComparison.Ordinal))
            return false;
        ReadOnlySpan<char> rest = name.AsSpan(prefix.Length + 1, name.Length - prefix.Length - 1 - Suffix.Length);
        return rest[8] == '-' && !rest[..8].ContainsAnyExceptInRange('0', '9')
            && !rest[9..].ContainsAnyExceptInRange('0', '9') && rest.Length - 9 <= 9;
    }

    private string PathOf(string day, int number) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{prefix}-{day}-{number:D4}{Suffix}"));

    private string Today() => time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static long EndOfLastLine(SafeFileHandle file, long length)
    {
        byte[] chunk = new byte[(int)Math.Min(TailChunk, length)];
        for (long end = length; end > 0;)
        {
            int size = (int)Math.Min(chunk.Length, end);
            int read = RandomAccess.Read(file, chunk.AsSpan(0, size), end - size);
            int newline = chunk.AsSpan(0, read).LastIndexOf((byte)'\n');
            if (newline >= 0)
                return end - size + newline + 1;
            end -= size;
        }
        return 0;
    }
}
