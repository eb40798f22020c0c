using System.Diagnostics;
using System.Text.Json;
using Ogrt.Journal;
using Ogrt.Server.Hosting;

namespace Ogrt.Server.Tail;

/// <summary>
/// Follows the end of the journal for one who looks. It reads the journal's files as any reader does, beside and behind what ingest does,
/// and holds nothing back: no segment waits for it, and no more records are looked at in a tenth of a second than it may. What lies
/// further back is skipped and counted.
/// </summary>
/// <param name="reader">A reader of the journal's end, which belongs to this from now on.</param>
/// <param name="filter">What is wanted.</param>
/// <param name="rate">Records a second that are shown at most.</param>
internal sealed class TailStream(JournalReader reader, TailFilter filter, int rate) : IDisposable
{
    /// <summary>Records a second that are shown when nothing is said.</summary>
    public const int DefaultRate = 100;

    /// <summary>Records a second that can be asked for.</summary>
    public const int MostRate = 10_000;

    private const int WindowsASecond = 10;
    private const int MostLooked = 2000; // in a window
    private const long MostBytes = 4 << 20; // in a window
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1.0 / WindowsASecond);
    private static readonly TimeSpan NoticeInterval = TimeSpan.FromSeconds(1);

    private readonly TailSight _sight = new(filter);
    private readonly MemoryStream _lines = new();
    private double _credit;
    private long _notShown;
    private long _skipped;
    private long _noticeAt = Stopwatch.GetTimestamp();

    /// <summary>Writes lines until nobody reads them any more.</summary>
    /// <param name="output">Where to. A write that does not end is the caller's to cut off.</param>
    /// <param name="goesOn">Whether there is more to come: not from a server that stops.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task RunAsync(Func<ReadOnlyMemory<byte>, Task> output, Func<bool> goesOn, CancellationToken cancel)
    {
        while (goesOn())
        {
            long started = Stopwatch.GetTimestamp();
            LookAtWindow();
            WriteNotice();
            if (_lines.Length > 0)
            {
                await output(_lines.GetBuffer().AsMemory(0, (int)_lines.Length)).ConfigureAwait(false);
                _lines.SetLength(0);
            }
            TimeSpan rest = Window - Stopwatch.GetElapsedTime(started);
            if (rest > TimeSpan.Zero) await Task.Delay(rest, cancel).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        reader.Dispose();
        _lines.Dispose();
    }

    private void LookAtWindow()
    {
        // What was not used up lets a burst through, of a second's worth at most.
        _credit = Math.Min(_credit + (rate / (double)WindowsASecond), rate);
        long bytes = 0;
        for (int looked = 0; reader.TryRead(out JournalRecord record); looked++)
        {
            bytes += record.Payload.Length;
            if (looked >= MostLooked || bytes > MostBytes)
            {
                // This one too.
                _skipped += reader.SkipToEnd() + 1;
                return;
            }
            if (_sight.Look(record) is not { } seen) continue;
            if (_credit < 1)
            {
                _notShown++;
                continue;
            }
            _credit--;
            Write(new TailLine(seen, null));
        }
    }

    private void WriteNotice()
    {
        if ((_notShown == 0 && _skipped == 0) || Stopwatch.GetElapsedTime(_noticeAt) < NoticeInterval) return;
        Write(new TailLine(null, new TailNotice(_notShown, _skipped)));
        (_notShown, _skipped, _noticeAt) = (0, 0, Stopwatch.GetTimestamp());
    }

    private void Write(TailLine line)
    {
        JsonSerializer.Serialize(_lines, line, ControlJson.Options);
        _lines.WriteByte((byte)'\n');
    }
}
