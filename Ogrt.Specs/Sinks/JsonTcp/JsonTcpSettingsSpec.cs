using System.Net.Sockets;
using System.Runtime.InteropServices;
using Akka.Configuration;
using Ogrt.Sinks;
using Ogrt.Sinks.JsonTcp;

namespace Ogrt.Specs.Sinks.JsonTcp;

public sealed class JsonTcpSettingsSpec
{
    [Fact]
    public void The_defaults_are_those_that_are_documented()
    {
        SinkSettings sink = Sink("");
        Assert.Equal((1 << 20, 16, TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(1)), (sink.BatchBytes, sink.MaxInFlight, sink.SendTimeout, sink.StopTimeout));
        JsonTcpSettings tcp = JsonTcpSettings.Create(sink);
        Assert.Equal([new HostPort("127.0.0.1", 5170)], tcp.Endpoints);
        Assert.Equal((false, "", true), (tcp.UseTls, tcp.ServerName, tcp.Tls.Verify));
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(30)), (tcp.ConnectTimeout, tcp.ConnectionLifetime, tcp.Keepalive));
        Assert.Equal((true, TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(100), 0), (tcp.Acknowledged, tcp.StallTimeout, tcp.SettleTime, tcp.MaxLineBytes));
        Assert.Equal((3, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)), (tcp.CircuitFailures, tcp.CircuitMin, tcp.CircuitMax));
        Assert.True(tcp.Lines is { Processes: true, ProcessEnds: true, JobEvents: true, JobRecords: true, JobTrees: false });
    }

    [Theory]
    [InlineData("localhost:1", "localhost", 1)]
    [InlineData("log.example.org:65535", "log.example.org", 65535)]
    [InlineData("192.0.2.7:5170", "192.0.2.7", 5170)]
    [InlineData("[2001:db8::7]:5170", "2001:db8::7", 5170)]
    [InlineData("[fe80::1%1]:5170", "fe80::1%1", 5170)]
    public void An_endpoint_is_a_host_or_an_address_and_a_port(string text, string host, int port)
    {
        Assert.True(HostPort.TryParse(text, out HostPort endpoint));
        Assert.Equal(new HostPort(host, port), endpoint);
        Assert.Equal(text, endpoint.ToString());
    }

    [Theory]
    [InlineData("endpoints = []", "endpoints has none")]
    [InlineData("endpoints = [\"localhost\"]", "endpoints has \"localhost\"; an endpoint is like host:5170")]
    [InlineData("endpoints = [\"localhost:0\"]", "endpoints has")]
    [InlineData("endpoints = [\"localhost:65536\"]", "endpoints has")]
    [InlineData("endpoints = [\":5170\"]", "endpoints has")]
    [InlineData("endpoints = [\"2001:db8::7:5170\"]", "endpoints has")]
    [InlineData("endpoints = [\"[localhost]:5170\"]", "endpoints has")]
    [InlineData("endpoints = [\"tcp://localhost:5170\"]", "endpoints has")]
    [InlineData("tls.ca-file = \"ca.pem\"", "tls.enabled is off, and other keys of tls are set")]
    [InlineData("tls { enabled = on, client-key-file = \"k.pem\" }", "tls.client-key-file is the key of no certificate")]
    [InlineData("stall-timeout = 20 m", "send-timeout is 00:10:00")]
    [InlineData("circuit.failures = 0", "circuit.failures is 0")]
    public void A_wrong_value_is_named_with_its_path(string line, string expected)
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => JsonTcpSettings.Create(Sink(line)));
        Assert.Contains("ogrt.sinks.tcp." + expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_system_is_told_to_notice_an_end_that_is_gone()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        TcpOptions.Configure(socket, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(7));
        Assert.Equal(1, socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        Assert.Equal(20, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
        Assert.Equal(5, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval));
        Assert.Equal(4, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount));
        byte[] timeout = new byte[4];
        socket.GetRawSocketOption(6, 18, timeout);
        Assert.Equal(7000, MemoryMarshal.Read<int>(timeout));
    }

    internal static JsonTcpSettings Create(string settings) => JsonTcpSettings.Create(Sink(settings));

    private static SinkSettings Sink(string settings) => SinkSettings
        .Create(ConfigurationFactory.ParseString($"ogrt.sinks.tcp {{ type = json-tcp\n{settings} }}").WithFallback(SinksReference.Config))
        .Single(s => s.Name == "tcp");
}
