using System.Globalization;
using System.Text;
using Ogrt.Journal;
using Ogrt.Specs.JournalWriter;

// ogrt-journal-writer DIRECTORY ROUND SYNC
// Appends from four threads and reads at the same time, in a journal so small that segments are released all the while. Prints
// "C round thread number" when a record is confirmed and "D round thread number" before a delivered one is committed. Runs
// until it is killed.
var round = int.Parse(args[1], CultureInfo.InvariantCulture);
using SegmentedJournal journal = SegmentedJournal.Open(new JournalOptions
{
    Directory = args[0],
    Sync = Enum.Parse<SyncPolicy>(args[2]),
    SyncInterval = TimeSpan.FromMilliseconds(3),
    SegmentSize = 64 * 1024,
    MaxSize = 512 * 1024,
    MaxRecordSize = 16 * 1024,
    Preallocate = round % 2 == 0,
});
using Stream output = Console.OpenStandardOutput();
using JournalReader reader = journal.OpenReader("delivery");
for (var thread = 0; thread < 4; thread++)
{
    var number = thread;
    new Thread(() => Append(number)) { IsBackground = true }.Start();
}

while (await reader.WaitToReadAsync())
    Deliver();

void Append(int thread)
{
    var batch = new JournalBatch();
    for (var number = 0; ;)
    {
        batch.Clear();
        var count = 1 + (number * 7 + thread) % 9;
        for (var i = 0; i < count; i++)
            batch.Add(1, number, default, new WriterRecord(round, thread, number++).ToPayload());
        journal.Append(batch, CancellationToken.None);
        Print($"C {round} {thread} {number - 1}\n");
    }
}

void Deliver()
{
    var lines = new StringBuilder();
    var next = 0L;
    for (var i = 0; i < 64 && reader.TryRead(out JournalRecord record); i++)
    {
        WriterRecord read = WriterRecord.FromPayload(record.Payload.Span) ?? throw new InvalidDataException($"The record at {record.Offset} is not what was written.");
        lines.Append(CultureInfo.InvariantCulture, $"D {read.Round} {read.Thread} {read.Number}\n");
        next = record.NextOffset;
    }

    if (lines.Length == 0)
        return;
    Print(lines.ToString());
    reader.Commit(next);
}

// One write(2) of less than PIPE_BUF: a line is there as a whole or not at all, also when the process is killed.
void Print(string lines) => output.Write(Encoding.ASCII.GetBytes(lines));
