namespace Ogrt.Journal;

public sealed partial class SegmentedJournal
{
    /// <summary>Most records are shorter: one read.</summary>
    private const int LookupBufferSize = 8 * 1024;

    /// <summary>Reads one record once more, beside the readers. It opens a file each time and is for few records.</summary>
    /// <param name="offset">The record's <see cref="JournalRecord.Offset"/>.</param>
    /// <param name="record">The record; its payload is the caller's own.</param>
    /// <returns>False when it is not there any more: every cursor has passed it, or it was damaged.</returns>
    /// <exception cref="IOException">The disk cannot be read now.</exception>
    public bool TryReadAt(long offset, out JournalRecord record)
    {
        while (true)
        {
            if (Array.Find(_segments, s => offset >= s.BaseOffset && offset < s.End) is not { } segment)
            {
                record = default;
                return false;
            }

            using var scanner = new RecordScanner(_files, _salt, _options.MaxRecordSize, LookupBufferSize);
            try
            {
                scanner.Open(segment.Path, segment.BaseOffset, segment.BaseSequence);
                return scanner.TryTake(offset, segment.End, out record);
            }
            catch (FileNotFoundException) when (Array.IndexOf(_segments, segment) < 0)
            {
                // Given up, or written anew under another name, between the two looks.
            }
            catch (FileNotFoundException)
            {
                record = default;
                return false;
            }
        }
    }
}
