using Akka.Configuration;

namespace Ogrt.Actors.Ingest;

/// <summary>The block <c>ogrt.ingest</c>. The keys are explained in <c>reference.conf</c>.</summary>
public sealed record IngestSettings
{
    /// <summary>The longest payload of a frame in bytes, without its header.</summary>
    public required int MaxFrameSize { get; init; }

    /// <summary>Memory for bytes that have been received and are not yet in the journal.</summary>
    public required int MaxBufferedBytes { get; init; }

    /// <summary>How long an orderly stop waits for open connections.</summary>
    public required TimeSpan DrainTimeout { get; init; }

    /// <summary>The first pause before a failed listener is started again.</summary>
    public required TimeSpan RestartPause { get; init; }

    /// <summary>The longest such pause.</summary>
    public required TimeSpan MaxRestartPause { get; init; }

    /// <summary>The enabled listeners, in the order of their names.</summary>
    public required IReadOnlyList<ListenerSettings> Listeners { get; init; }

    /// <summary>The defaults of this assembly, which <see cref="Create"/> needs as the last fallback.</summary>
    public static Config Reference() =>
        ConfigurationFactory.FromResource<IngestSettings>("Ogrt.Actors.reference.conf");

    /// <summary>Reads the block <c>ogrt.ingest</c>.</summary>
    /// <param name="config">The whole configuration, with <see cref="Reference"/> as its fallback.</param>
    /// <returns>The settings.</returns>
    /// <exception cref="ConfigurationException">A value is missing or impossible; the message names its path.</exception>
    public static IngestSettings Create(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config ingest = config.GetConfig("ogrt.ingest")
            ?? throw new ConfigurationException("ogrt.ingest: the block is missing.");
        var reader = new SettingsReader(ingest, "ogrt.ingest");
        int maxFrameSize = reader.Size("max-frame-size", 1024, 16 * 1024 * 1024 - 64);
        TimeSpan pause = reader.Duration("restart-pause", TimeSpan.FromMilliseconds(1));
        return new IngestSettings
        {
            MaxFrameSize = maxFrameSize,
            // At least a few frames of the largest size: with less, a frame could wait for ever for its buffer.
            MaxBufferedBytes = reader.Size("max-buffered-bytes", 8 * maxFrameSize, int.MaxValue),
            DrainTimeout = reader.Duration("drain-timeout", TimeSpan.Zero),
            RestartPause = pause,
            MaxRestartPause = reader.Duration("max-restart-pause", pause),
            Listeners = Enabled(ingest),
        };
    }

    private static List<ListenerSettings> Enabled(Config ingest)
    {
        Config blocks = ingest.GetConfig("listeners")
            ?? throw new ConfigurationException("ogrt.ingest.listeners: the block is missing.");
        List<ListenerSettings> listeners = [];
        foreach (string name in blocks.Root.GetObject().Unwrapped.Keys.Order(StringComparer.Ordinal))
        {
            if (ListenerSettings.Create(name, ingest) is { } listener) listeners.Add(listener);
        }

        return listeners;
    }
}
