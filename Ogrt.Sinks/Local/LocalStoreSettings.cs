using Akka.Configuration;

namespace Ogrt.Sinks.Local;

/// <summary>What the local store has beside the settings of every sink.</summary>
public sealed record LocalStoreSettings
{
    /// <summary>The database file, below the data directory unless it is absolute.</summary>
    public required string Path { get; init; }

    /// <summary>Whether a transaction waits for the disk.</summary>
    public required StoreSync Synchronous { get; init; }

    /// <summary>How long processes are kept; zero for ever.</summary>
    public required TimeSpan RetentionAge { get; init; }

    /// <summary>Bytes above which the oldest processes go; 0 for no limit.</summary>
    public required long RetentionSize { get; init; }

    /// <summary>How often retention looks.</summary>
    public required TimeSpan RetentionInterval { get; init; }

    /// <summary>Processes that one step of retention deletes.</summary>
    public required int RetentionStep { get; init; }

    /// <summary>Size in bytes up to which the database is checked as a whole when it is opened.</summary>
    public required long CheckSize { get; init; }

    /// <summary>Bytes of the page cache.</summary>
    public required long PageCache { get; init; }

    /// <summary>Entries of each cache of known strings, objects and lists.</summary>
    public required int CacheEntries { get; init; }

    /// <summary>Reads the settings from a sink's configuration.</summary>
    /// <param name="sink">The sink's settings.</param>
    /// <exception cref="ConfigurationException">A value is missing, of the wrong type or impossible.</exception>
    public static LocalStoreSettings Create(SinkSettings sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var read = new SettingReader(sink.Config, "ogrt.sinks." + sink.Name);
        return new LocalStoreSettings
        {
            Path = read.Text("path"),
            Synchronous = read.Choice<StoreSync>("synchronous"),
            RetentionAge = read.Duration("retention-age", TimeSpan.Zero, TimeSpan.MaxValue),
            RetentionSize = read.Bytes("retention-size", 0, long.MaxValue),
            RetentionInterval = read.Duration("retention-interval", TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1)),
            RetentionStep = (int)read.Number("retention-step", 1, 1_000_000),
            CheckSize = read.Bytes("check-size", 0, long.MaxValue),
            PageCache = read.Bytes("page-cache", 64 << 10, 1L << 40),
            CacheEntries = (int)read.Number("cache-entries", 16, 1 << 24),
        };
    }
}
