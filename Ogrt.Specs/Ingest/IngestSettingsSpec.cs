using System.Net;
using Akka.Configuration;
using Ogrt.Actors.Ingest;
using Ogrt.Wire;

namespace Ogrt.Specs.Ingest;

public sealed class IngestSettingsSpec
{
    [Fact]
    public void The_defaults_are_those_of_the_reference()
    {
        IngestSettings settings = Create("");
        Assert.Equal(262144, settings.MaxFrameSize);
        Assert.Equal(64 * 1024 * 1024, settings.MaxBufferedBytes);
        Assert.Equal(TimeSpan.FromSeconds(10), settings.DrainTimeout);
        Assert.Equal(TimeSpan.FromSeconds(1), settings.RestartPause);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.MaxRestartPause);
        Assert.Equal(["tcp", "udp"], settings.Listeners.Select(listener => listener.Name));
    }

    [Fact]
    public void The_defaults_of_a_listener_for_connections()
    {
        ListenerSettings tcp = Create("").Listeners[0];
        Assert.Equal(ListenerTransport.Tcp, tcp.Transport);
        Assert.Equal(IPAddress.IPv6Any, tcp.Address);
        Assert.Equal(7971, tcp.Port);
        Assert.Equal(WireLayout.Current, tcp.Layout);
        Assert.Equal(4096, tcp.Backlog);
        Assert.Equal(16384, tcp.MaxConnections);
        Assert.Equal(TimeSpan.FromMinutes(5), tcp.IdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(2), tcp.CrowdedIdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(10), tcp.FrameTimeout);
        Assert.Equal(TimeSpan.FromSeconds(1), tcp.DeferAccept);
        Assert.True(tcp.ReadAtAccept);
        Assert.Equal(0, tcp.ReceiveBuffer);
        Assert.Equal(65536, tcp.ReadSize);
    }

    [Fact]
    public void The_defaults_of_a_listener_for_datagrams()
    {
        ListenerSettings udp = Create("").Listeners[1];
        Assert.Equal(ListenerTransport.Udp, udp.Transport);
        Assert.Equal(IPAddress.IPv6Any, udp.Address);
        Assert.Equal(7971, udp.Port);
        Assert.Equal(WireLayout.Current, udp.Layout);
        Assert.Equal(64 * 1024 * 1024, udp.ReceiveBuffer);
        Assert.Equal(64, udp.Batch);
    }

    [Fact]
    public void A_further_block_is_a_further_listener_and_a_disabled_one_is_none()
    {
        IngestSettings settings = Create("""
            ogrt.ingest.listeners {
              udp.enabled = off
              old-clients { transport = tcp, port = 7972, layout = "0.3", address = 127.0.0.1 }
            }
            """);
        Assert.Equal(["old-clients", "tcp"], settings.Listeners.Select(listener => listener.Name));
        Assert.Equal(7972, settings.Listeners[0].Port);
        Assert.Equal(WireLayout.V03, settings.Listeners[0].Layout);
        Assert.Equal(IPAddress.Loopback, settings.Listeners[0].Address);
        Assert.Equal(TimeSpan.FromSeconds(10), settings.Listeners[0].FrameTimeout);
    }

    [Theory]
    [InlineData("listeners.tcp.port = 65536", "ogrt.ingest.listeners.tcp.port: 65536 is outside of 0 to 65535.")]
    [InlineData("listeners.tcp.port = http", "ogrt.ingest.listeners.tcp.port: \"http\" is not a whole number.")]
    [InlineData("listeners.tcp.address = localhost",
        "ogrt.ingest.listeners.tcp.address: \"localhost\" is not an IPv4 or IPv6 address.")]
    [InlineData("listeners.tcp.layout = old", "ogrt.ingest.listeners.tcp.layout: \"old\" is not one of current, 0.3, next.")]
    [InlineData("listeners.udp.transport = sctp", "ogrt.ingest.listeners.udp.transport: \"sctp\" is not one of tcp, udp.")]
    [InlineData("listeners.x.port = 1", "ogrt.ingest.listeners.x.transport: it is missing.")]
    [InlineData("listeners.tcp.idle-timeout = soon",
        "ogrt.ingest.listeners.tcp.idle-timeout: \"soon\" is not a duration such as 10 s or 500 ms.")]
    [InlineData("listeners.tcp.idle-timeout = 10",
        "ogrt.ingest.listeners.tcp.idle-timeout: \"10\" has no unit; write it such as 10 s or 500 ms.")]
    [InlineData("listeners.tcp.read-at-accept = maybe",
        "ogrt.ingest.listeners.tcp.read-at-accept: \"maybe\" is not one of on, off, true, false, yes, no.")]
    [InlineData("max-frame-size = large", "ogrt.ingest.max-frame-size: \"large\" is not a size such as 65536 or 64 KiB.")]
    [InlineData("max-frame-size = 10", "ogrt.ingest.max-frame-size: 10 bytes are outside of 1024 to 16777152.")]
    [InlineData("max-frame-size = { a = 1 }", "ogrt.ingest.max-frame-size: it is not a single value.")]
    [InlineData("max-buffered-bytes = 1 MiB",
        "ogrt.ingest.max-buffered-bytes: 1048576 bytes are outside of 2097152 to 2147483647.")]
    public void An_impossible_value_is_refused_with_its_path(string line, string message)
    {
        var e = Assert.Throws<ConfigurationException>(() => Create("ogrt.ingest." + line));
        Assert.Equal(message, e.Message);
    }

    private static IngestSettings Create(string hocon) =>
        IngestSettings.Create(ConfigurationFactory.ParseString(hocon).WithFallback(IngestSettings.Reference()));
}
