using Akka.Configuration;
using Ogrt.Sinks.DeadLetters;
using Ogrt.Sinks.Null;
using Ogrt.Sinks.Shaping;

namespace Ogrt.Sinks;

/// <summary>The settings that each sink has, whatever its type, and the configuration that its type reads.</summary>
public sealed record SinkSettings
{
    private const string DefaultsPath = "ogrt.sink-defaults";
    private const string TypesPath = "ogrt.sink-types";
    private const string SinksPath = "ogrt.sinks";

    /// <summary>The sink's name: its key under ogrt.sinks, its label in metrics, its cursor in the journal.</summary>
    public required string Name { get; init; }

    /// <summary>What kind of sink it is.</summary>
    public required string Type { get; init; }

    /// <summary>Whether it is started.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Bytes in the target's form at which a batch is sent.</summary>
    public required long BatchBytes { get; init; }

    /// <summary>Records at which a batch is sent.</summary>
    public required int BatchCount { get; init; }

    /// <summary>How long the first record of a batch waits for others.</summary>
    public required TimeSpan BatchLinger { get; init; }

    /// <summary>Batches that are sent at the same time.</summary>
    public required int MaxInFlight { get; init; }

    /// <summary>Bytes in the target's form that are sent at the same time; a single request may be larger.</summary>
    public required long MaxInFlightBytes { get; init; }

    /// <summary>Whether fewer than <see cref="MaxInFlight"/> batches are sent while the target answers slowly or has too much to do.</summary>
    public required bool AdaptiveConcurrency { get; init; }

    /// <summary>What happens when the journal is full and this sink is what holds it back.</summary>
    public required JournalFullPolicy WhenFull { get; init; }

    /// <summary>The share of records, from 0 to 1, above which refusals make the sink wait instead of becoming dead letters.</summary>
    public required double RefusalShare { get; init; }

    /// <summary>Refusals below this number never make it wait.</summary>
    public required int RefusalLeast { get; init; }

    /// <summary>The time over which refusals are counted.</summary>
    public required TimeSpan RefusalWindow { get; init; }

    /// <summary>Attempts without an answer after which a batch is halved, to find the record that the target does not answer.</summary>
    public required int UnansweredHalve { get; init; }

    /// <summary>
    /// Attempts without an answer, while the target answers others, after which a record alone becomes a dead letter; 0 for never.
    /// </summary>
    public required int UnansweredGiveUp { get; init; }

    /// <summary>How long a request may go without an answer.</summary>
    public required TimeSpan SendTimeout { get; init; }

    /// <summary>The bound of the first wait between attempts.</summary>
    public required TimeSpan BackoffMin { get; init; }

    /// <summary>The bound that waits grow to.</summary>
    public required TimeSpan BackoffMax { get; init; }

    /// <summary>The bound that waits grow to while the target refuses because of a configuration.</summary>
    public required TimeSpan BackoffPaused { get; init; }

    /// <summary>How long requests under way may go on at a stop.</summary>
    public required TimeSpan StopTimeout { get; init; }

    /// <summary>The directory of dead letters, below the data directory unless it is absolute.</summary>
    public required string DeadLetterDirectory { get; init; }

    /// <summary>Bytes of dead letters that are kept before the sink waits.</summary>
    public required long DeadLetterMaxSize { get; init; }

    /// <summary>Which records it gets.</summary>
    public required FilterSettings Filter { get; init; }

    /// <summary>What it is told of them.</summary>
    public required FieldSettings Fields { get; init; }

    /// <summary>The sink's configuration with everything that its type reads.</summary>
    public required Config Config { get; init; }

    /// <summary>Reads all sinks of a configuration that contains this project's reference.conf, enabled or not.</summary>
    /// <exception cref="ConfigurationException">A value is missing, of the wrong type or impossible; the message names its path.</exception>
    public static IReadOnlyList<SinkSettings> Create(Config config)
    {
        Config sinks = config.GetConfig(SinksPath);
        if (sinks is null || sinks.IsEmpty)
            return [];
        var all = new List<SinkSettings>();
        foreach (string name in sinks.Root.GetObject().Items.Keys.Order(StringComparer.Ordinal))
            all.Add(CreateOne(config, name));
        return all;
    }

    private static SinkSettings CreateOne(Config config, string name)
    {
        string path = $"{SinksPath}.{name}";
        if (!IsName(name))
            throw new ConfigurationException($"{path}: a sink's name has 1 to 64 letters, digits, '-' and '_'.");
        Config own = config.GetConfig($"{SinksPath}.\"{name}\"") ?? Config.Empty;
        // Akka reads the word null as no value, also in quotes; here it is the name of a type.
        string? type = own.GetString("type") ?? (own.HasPath("type") ? NullSinkFactory.TypeName : null);
        if (string.IsNullOrEmpty(type))
            throw new ConfigurationException($"{path}.type is missing: what kind of sink is it?");
        Config merged = own
            .SafeWithFallback(config.GetConfig($"{TypesPath}.\"{type}\""))
            .SafeWithFallback(config.GetConfig(DefaultsPath));
        var read = new SettingReader(merged, path);
        return new SinkSettings
        {
            Name = name,
            Type = type,
            Enabled = read.Flag("enabled"),
            BatchBytes = read.Bytes("batch-bytes", 1, int.MaxValue / 4),
            BatchCount = (int)read.Number("batch-count", 1, 1_000_000),
            BatchLinger = read.Duration("batch-linger", TimeSpan.Zero, TimeSpan.FromHours(1)),
            MaxInFlight = (int)read.Number("max-in-flight", 1, 1000),
            MaxInFlightBytes = read.Bytes("max-in-flight-bytes", 1, long.MaxValue),
            AdaptiveConcurrency = read.Flag("adaptive-concurrency"),
            WhenFull = read.Choice<JournalFullPolicy>("when-journal-full"),
            RefusalShare = read.Fraction("refusals.share"),
            RefusalLeast = (int)read.Number("refusals.least", 1, int.MaxValue),
            RefusalWindow = read.Duration("refusals.window", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            UnansweredHalve = (int)read.Number("unanswered.halve-after", 1, 1_000_000),
            UnansweredGiveUp = (int)read.Number("unanswered.give-up-after", 0, 1_000_000),
            SendTimeout = read.Duration("send-timeout", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
            BackoffMin = read.Duration("backoff-min", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
            BackoffMax = read.Duration("backoff-max", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
            BackoffPaused = read.Duration("backoff-paused", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
            StopTimeout = read.Duration("stop-timeout", TimeSpan.Zero, TimeSpan.FromHours(1)),
            DeadLetterDirectory = read.Text("dead-letters.directory").Replace("NAME", name, StringComparison.Ordinal),
            DeadLetterMaxSize = read.Bytes("dead-letters.max-size", DeadLetterStore.LeastSize, long.MaxValue),
            Filter = FilterSettings.Create(read),
            Fields = FieldSettings.Create(read),
            Config = merged,
        };
    }

    // The name is a directory and a cursor: nothing that a file system or a metric's label would have to escape.
    private static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
