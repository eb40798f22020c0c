using Microsoft.Win32.SafeHandles;

namespace Ogrt.Journal;

public sealed partial class SegmentedJournal
{
    private const int CopyBufferSize = 1024 * 1024;

    /// <summary>
    /// Writes what a failed sync did not cover to a new file, under the same offsets. The bytes come from the page cache, which
    /// keeps them after a failed write-back on ext4 and XFS; where it does not, the records' CRCs tell readers. False when the
    /// disk refuses this too; it is tried again in the next pass. Holds the append lock: appends wait meanwhile.
    /// </summary>
    private bool TryRewrite(Segment failed)
    {
        lock (_gate)
        {
            var index = Array.IndexOf(_segments, failed);
            if (index < 0 || failed.SyncedEnd == failed.End)
                return true;
            try
            {
                Segment copy = WriteCopy(failed);
                copy.SyncedSequence = index + 1 < _segments.Length ? _segments[index + 1].BaseSequence : _tailSequence;
                Substitute(index, failed, copy);
                return true;
            }
            catch (Exception error) when (IsDiskError(error))
            {
                _syncFailures++;
                _lastError = error.Message;
                return false;
            }
        }
    }

    private Segment WriteCopy(Segment failed)
    {
        var from = failed.SyncedEnd;
        var sequence = failed.SyncedSequence;
        var path = _directory.In(JournalPaths.SegmentName(from, sequence));
        var temporary = path + JournalPaths.TemporarySuffix;
        _files.Delete(temporary);
        SafeFileHandle writer = _files.Create(temporary, _options.Preallocate ? _options.SegmentSize : 0);
        try
        {
            var copy = new Segment(path, from, sequence, failed.End) { Writer = writer, HeaderChecked = true };
            Span<byte> header = stackalloc byte[SegmentHeader.Size];
            new SegmentHeader(Id, from, sequence, UnixNow()).Write(header);
            _files.Write(writer, header, 0);
            CopyRecords(failed, copy);
            _files.Sync(writer);
            _files.Rename(temporary, path);
            _files.SyncDirectory(_directory.Path);
            return copy;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    private void CopyRecords(Segment from, Segment to)
    {
        var buffer = new byte[CopyBufferSize];
        using SafeFileHandle source = _files.OpenRead(from.Path);
        for (var offset = to.BaseOffset; offset < to.End;)
        {
            var wanted = (int)Math.Min(buffer.Length, to.End - offset);
            var read = _files.Read(source, buffer.AsSpan(0, wanted), from.FilePosition(offset));
            if (read == 0)
                throw new EndOfStreamException($"{from.Path} ends at offset {offset}, before its records do.");
            _files.Write(to.Writer!, buffer.AsSpan(0, read), to.FilePosition(offset));
            offset += read;
        }
    }

    private void Substitute(int index, Segment failed, Segment copy)
    {
        Segment[] segments = _segments;
        _segments = copy.BaseOffset == failed.BaseOffset
            ? [.. segments[..index], copy, .. segments[(index + 1)..]]
            : [.. segments[..(index + 1)], copy, .. segments[(index + 1)..]];
        if (_segments.Length > segments.Length)
            _size += SegmentHeader.Size;
        if (failed == _active)
            _active = copy;
        // After the new list: a reader that finds nothing more in the old segment finds the new one. The old file is not cut,
        // because a reader may be in it; recovery ends it where the next segment begins.
        failed.End = failed.SyncedEnd;
        failed.Writer?.Dispose();
        failed.Writer = null;
    }
}
