using Akka.Configuration;
using Ogrt.Journal;

namespace Ogrt.Server.Configuration;

/// <summary>Reads the block <c>ogrt.journal</c>, which the journal itself does not know: it uses nothing but the runtime.</summary>
public static class JournalSettings
{
    /// <summary>Reads the block.</summary>
    /// <exception cref="ConfigurationException">A value is impossible; the message names its path.</exception>
    public static JournalOptions Create(Config config)
    {
        Config journal = config.GetConfig("ogrt.journal");
        var options = new JournalOptions
        {
            Directory = journal.GetString("directory"),
            SegmentSize = Size(journal, "segment-size"),
            MaxSize = Size(journal, "max-size"),
            Sync = journal.GetString("sync") switch
            {
                "interval" => SyncPolicy.Interval,
                "always" => SyncPolicy.Always,
                "never" => SyncPolicy.Never,
                string other => throw new ConfigurationException($"ogrt.journal.sync: \"{other}\" is not one of interval, always, never."),
            },
            SyncInterval = journal.GetTimeSpan("sync-interval", allowInfinite: false),
            MaxRecordSize = (int)Math.Min(Size(journal, "max-record-size"), int.MaxValue),
            Preallocate = journal.GetBoolean("preallocate"),
            RetryInterval = journal.GetTimeSpan("retry-interval", allowInfinite: false),
            ReadBufferSize = (int)Math.Min(Size(journal, "read-buffer-size"), int.MaxValue),
            TailMemory = Size(journal, "tail-memory"),
        };
        try
        {
            options.Validate();
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException($"ogrt.journal.{KeyOf(e.ParamName ?? "")}: {e.Message.Split(" (Parameter")[0]}", e);
        }
        return options;
    }

    private static long Size(Config journal, string key) => journal.GetByteSize(key)
        ?? throw new ConfigurationException($"ogrt.journal.{key}: a number of bytes is needed.");

    // MaxSize is max-size.
    private static string KeyOf(string option) =>
        string.Concat(option.Select((c, i) => (char.IsUpper(c) && i > 0 ? "-" : "") + char.ToLowerInvariant(c)));
}
