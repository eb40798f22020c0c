using Google.Protobuf;
using Ogrt.Sinks.Local;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Soak;

/// <summary>The server's own store: what is there is compared as messages, since it puts their fields into another order.</summary>
internal sealed class LocalStoreTarget : SoakTarget
{
    /// <inheritdoc/>
    public override string Sink => "local";

    /// <inheritdoc/>
    public override bool HasIds => true;

    /// <inheritdoc/>
    public override bool KeepsNewestJobOnly => true;

    /// <inheritdoc/>
    public override IEnumerable<string> Settings => ["type=local"];

    /// <inheritdoc/>
    public override async IAsyncEnumerable<Found> ReadAsync(string dataDirectory, NumberedFrames frames, Ledger ledger)
    {
        await Task.CompletedTask;
        string path = Path.Combine(dataDirectory, "store", "ogrt.db");
        using LocalStore store = LocalStore.OpenRead(path);
        long highest = ledger.Numbers.Count == 0 ? 0 : ledger.Numbers.Keys.Max();
        foreach (string job in frames.JobsOf(highest + 1))
        {
            foreach (StoredProcess process in store.GetProcesses(job))
                yield return Look(process.Frame.Bytes.Span[FrameHeader.Size..], ProcessInfo.Parser, p => p.StartTicks, isEnd: false, frames);
            foreach (uint incarnation in ledger.Jobs.Keys.Where(j => j.Job == job).Select(j => j.Incarnation).Distinct())
            {
                if (store.GetJobRecord(job, incarnation) is { } record)
                    yield return new Found(-1, job, Job: FoundJob.Of(record));
            }
        }
        // Beside the processes that they are of, of which one may have been lost on its way.
        using SqliteDatabase database = SqliteDatabase.OpenRead(path);
        using SqliteStatement ends = database.Prepare("SELECT message FROM process_end");
        while (ends.Step())
            yield return Look(ends.Bytes(0), ProcessEnd.Parser, e => e.StartTicks, isEnd: true, frames);
    }

    private static Found Look<T>(ReadOnlySpan<byte> bytes, MessageParser<T> parser, Func<T, ulong> startTicks, bool isEnd, NumberedFrames frames)
        where T : IMessage<T>
    {
        T message = parser.ParseFrom(bytes);
        long number = NumberedFrames.NumberOf(startTicks(message), isEnd);
        if (number < 0 || NumberedFrames.IsEnd(number) != isEnd)
            return new Found(-1, "", $"Nothing that was sent: {message}");
        string id = $"{(isEnd ? "end" : "process")} {number}";
        return message.Equals(frames.Message(number)) ? new Found(number, id) : new Found(number, id, $"It is {message}");
    }
}
