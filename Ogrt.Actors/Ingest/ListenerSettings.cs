using System.Net;
using Akka.Configuration;
using Ogrt.Wire;

namespace Ogrt.Actors.Ingest;

/// <summary>One listener: a block of <c>ogrt.ingest.listeners</c>. The keys are explained in <c>reference.conf</c>.</summary>
public sealed record ListenerSettings
{
    /// <summary>The name of the block: the label in the metrics and in messages.</summary>
    public required string Name { get; init; }

    /// <summary>Connections or datagrams.</summary>
    public required ListenerTransport Transport { get; init; }

    /// <summary>The address to listen on.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The port, 0 for any free one.</summary>
    public required int Port { get; init; }

    /// <summary>What the clients send.</summary>
    public required WireLayout Layout { get; init; }

    /// <summary>The kernel's receive buffer in bytes, 0 for the system's own choice.</summary>
    public required int ReceiveBuffer { get; init; }

    /// <summary>TCP: connections that the kernel keeps until they are accepted.</summary>
    public int Backlog { get; init; }

    /// <summary>TCP: the most open connections.</summary>
    public int MaxConnections { get; init; }

    /// <summary>TCP: after this long without a byte a connection is closed.</summary>
    public TimeSpan IdleTimeout { get; init; }

    /// <summary>TCP: the same while there are as many connections as there may be.</summary>
    public TimeSpan CrowdedIdleTimeout { get; init; }

    /// <summary>TCP: the time that a frame may take from its first byte to its last.</summary>
    public TimeSpan FrameTimeout { get; init; }

    /// <summary>TCP: how long the kernel holds a connection back that has sent nothing; zero for not at all.</summary>
    public TimeSpan DeferAccept { get; init; }

    /// <summary>TCP: whether a connection is read once before it gets an actor.</summary>
    public bool ReadAtAccept { get; init; }

    /// <summary>TCP: bytes that are read at once.</summary>
    public int ReadSize { get; init; }

    /// <summary>UDP: datagrams that are taken with one system call.</summary>
    public int Batch { get; init; }

    /// <summary>UDP: how long datagrams gather while they come in quick succession; zero for not at all.</summary>
    public TimeSpan Gather { get; init; }

    /// <summary>Reads a block.</summary>
    /// <param name="name">The name of the block.</param>
    /// <param name="ingest">The block <c>ogrt.ingest</c>.</param>
    /// <returns>The settings, or null when the listener is not enabled.</returns>
    /// <exception cref="ConfigurationException">A value is missing or impossible; the message names its path.</exception>
    internal static ListenerSettings? Create(string name, Config ingest)
    {
        string path = $"listeners.\"{name}\"";
        Config block = ingest.GetConfig(path);
        string shown = $"ogrt.ingest.listeners.{name}";
        ListenerTransport transport = new SettingsReader(block, shown).Choice("transport",
            ("tcp", ListenerTransport.Tcp), ("udp", ListenerTransport.Udp));
        bool tcp = transport == ListenerTransport.Tcp;
        Config defaults = ingest.GetConfig(tcp ? "listener-defaults.tcp" : "listener-defaults.udp");
        var reader = new SettingsReader(block.WithFallback(defaults), shown);
        if (!reader.Switch("enabled")) return null;
        var common = new ListenerSettings
        {
            Name = name,
            Transport = transport,
            Address = reader.Address("address"),
            Port = reader.Int("port", 0, 65535),
            Layout = reader.Choice("layout",
                ("current", WireLayout.Current), ("0.3", WireLayout.V03), ("next", WireLayout.Next)),
            ReceiveBuffer = reader.Size("receive-buffer", 0, int.MaxValue / 2),
        };
        return tcp ? WithTcp(common, reader) : common with
        {
            Batch = reader.Int("batch", 1, 1024),
            Gather = reader.Duration("gather", TimeSpan.Zero, TimeSpan.FromMilliseconds(100)),
        };
    }

    private static ListenerSettings WithTcp(ListenerSettings common, SettingsReader reader) => common with
    {
        Backlog = reader.Int("backlog", 1, 65535),
        MaxConnections = reader.Int("max-connections", 1, 1_000_000),
        IdleTimeout = reader.Duration("idle-timeout", TimeSpan.FromMilliseconds(1)),
        CrowdedIdleTimeout = reader.Duration("crowded-idle-timeout", TimeSpan.FromMilliseconds(1)),
        FrameTimeout = reader.Duration("frame-timeout", TimeSpan.FromMilliseconds(1)),
        DeferAccept = reader.Duration("defer-accept", TimeSpan.Zero),
        ReadAtAccept = reader.Switch("read-at-accept"),
        ReadSize = reader.Size("read-size", 512, 16 * 1024 * 1024),
    };
}
