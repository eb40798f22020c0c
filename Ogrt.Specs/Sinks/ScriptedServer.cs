using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Sinks.DeadLetters;

namespace Ogrt.Specs.Sinks;

/// <summary>A server whose sinks are scripted; "one" unless more are asked for.</summary>
internal static class ScriptedServer
{
    public const string Quick =
        """
        enabled = on, batch-count = 17, batch-linger = 2 ms, max-in-flight = 4, send-timeout = 100 ms,
        backoff-min = 1 ms, backoff-max = 4 ms, backoff-paused = 4 ms, stop-timeout = 5 s
        """;

    public static (SinkServer Server, ScriptedSink.Factory Sinks) Create(string settings = "", params string[] names)
    {
        var factory = new ScriptedSink.Factory();
        string[] all = names.Length == 0 ? ["one"] : names;
        string sinks = string.Join('\n', all.Select(n => $"{n} {{ type = scripted, {Quick}, {settings} }}"));
        return (new SinkServer($"ogrt.sinks {{ local.enabled = off\n {sinks} }}", new SinkFactories([factory])), factory);
    }

    public static void AppendNumbers(this SinkServer server, int from, int count)
    {
        var batch = new JournalBatch();
        for (int n = from; n < from + count; n++)
            batch.Add(ScriptedSink.Kind, Frames.Arrival + n, default, ScriptedSink.Payload(n));
        server.Journal.Append(batch, CancellationToken.None);
    }

    /// <summary>The dead letters of a sink whose server has stopped.</summary>
    public static List<DeadLetter> DeadLettersOf(this SinkServer server, string sink)
    {
        SinkSettings settings = server.Settings.Single(s => s.Name == sink);
        string directory = server.Context.PathOf(settings.DeadLetterDirectory);
        var letters = new List<DeadLetter>();
        if (!Directory.Exists(directory))
            return letters;
        using SegmentedJournal journal = SegmentedJournal.Open(
            DeadLetterStore.Options(directory, settings.DeadLetterMaxSize, JournalOptions.DefaultMaxRecordSize));
        using JournalReader reader = journal.OpenReader("spec");
        while (reader.TryRead(out JournalRecord record))
        {
            Assert.True(DeadLetter.TryRead(record, out DeadLetter? letter));
            letters.Add(letter!);
        }
        return letters;
    }
}
