using Akka.Configuration;

namespace Ogrt.Actors.Watch;

/// <summary>The block <c>ogrt.metrics.actors</c>; reference.conf says what each key means.</summary>
public sealed record ActorSettings
{
    /// <summary>Whether actors count what they handle, and mailboxes are looked at.</summary>
    public required bool Enabled { get; init; }

    /// <summary>How often mailboxes are looked at.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Reads the settings.</summary>
    /// <exception cref="ConfigurationException">A value is impossible; the message names it.</exception>
    public static ActorSettings Create(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var settings = new ActorSettings
        {
            Enabled = config.GetBoolean("ogrt.metrics.actors.enabled"),
            Interval = config.GetTimeSpan("ogrt.metrics.actors.interval", allowInfinite: false),
        };
        return settings.Interval >= TimeSpan.FromMilliseconds(100)
            ? settings
            : throw new ConfigurationException("ogrt.metrics.actors.interval must be at least 100 ms.");
    }
}
