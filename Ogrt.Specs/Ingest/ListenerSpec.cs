using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Ogrt.Actors.Ingest;
using Ogrt.Specs.Wire;
using Ogrt.Wire;

namespace Ogrt.Specs.Ingest;

/// <summary>Listeners are bound, fail, and are started again.</summary>
public sealed class ListenerSpec
{
    [Theory]
    [InlineData("tcp", SocketType.Stream)]
    [InlineData("udp", SocketType.Dgram)]
    public async Task An_address_in_use_fails_the_start_and_says_which(string listener, SocketType type)
    {
        using var other = new Socket(AddressFamily.InterNetwork, type, ProtocolType.Unspecified) { ExclusiveAddressUse = true };
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        if (type == SocketType.Stream) other.Listen();
        int port = ((IPEndPoint)other.LocalEndPoint!).Port;

        var e = await Assert.ThrowsAsync<IngestBindException>(
            () => IngestFixture.StartAsync($"ogrt.ingest.listeners.{listener}.port = {port}"));

        Assert.Equal(
            $"Listener {listener}: address 127.0.0.1:{port} is in use; stop the other program, or set ogrt.ingest.listeners.{listener}.port to another port.",
            e.Message);
    }

    [Fact]
    public async Task An_address_of_another_machine_fails_the_start()
    {
        var e = await Assert.ThrowsAsync<IngestBindException>(
            () => IngestFixture.StartAsync("ogrt.ingest.listeners.tcp.address = 192.0.2.1"));
        Assert.Contains("is not an address of this machine", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_unspecified_address_takes_ipv4_with_its_own_sender()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync("""
            ogrt.ingest.listeners { tcp.address = "::", udp.address = "::" }
            """);
        using var connection = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await connection.ConnectAsync(IPAddress.Loopback, ingest.EndPoint("tcp").Port, TestContext.Current.CancellationToken);
        connection.Send(Frames.Process(1));
        using var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        datagrams.Connect(IPAddress.Loopback, ingest.EndPoint("udp").Port);
        datagrams.Send(Frames.Process(2));

        List<IngestFixture.Received> records = await ingest.ReadAsync(2);
        Assert.All(records, record => Assert.Equal(IPAddress.Loopback, record.Sender.Address));
    }

    [Fact]
    public async Task The_unspecified_address_takes_ipv6()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This system has no IPv6.");
        await using IngestFixture ingest = await IngestFixture.StartAsync("""
            ogrt.ingest.listeners { tcp.address = "::", udp.address = "::" }
            """);
        Assert.SkipUnless(ingest.EndPoint("tcp").AddressFamily == AddressFamily.InterNetworkV6, "IPv6 is off.");
        using var connection = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        await connection.ConnectAsync(IPAddress.IPv6Loopback, ingest.EndPoint("tcp").Port, TestContext.Current.CancellationToken);
        connection.Send(Frames.Process(1));

        Assert.Equal(IPAddress.IPv6Loopback, (await ingest.ReadAsync(1)).Single().Sender.Address);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public async Task A_listener_that_fails_is_started_again_and_counted(string listener)
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync("ogrt.ingest.restart-pause = 5 ms");
        IPEndPoint before = ingest.EndPoint(listener);

        ingest.System.ActorSelection($"/user/ingest/{listener}-*").Tell(Kill.Instance);

        await IngestFixture.Until(() => ingest.Metrics.Of(listener).Restarts == 1, "the restart is counted");
        IPEndPoint after = before;
        await IngestFixture.Until(() =>
        {
            after = ingest.Host.Actor.Ask<IngestProtocol.BoundEndpoints>(IngestProtocol.GetBoundEndpoints.Instance).Result.ByListener[listener];
            return after.Port != before.Port;
        }, "it is bound again, to another free port");
        using var socket = listener == "tcp"
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(after, TestContext.Current.CancellationToken);
        socket.Send(Frames.Process(1));
        await ingest.ReadAsync(1);
    }

    [Fact]
    public async Task A_connection_that_fails_stops_only_itself()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync("ogrt.ingest.listeners.tcp.defer-accept = 0");
        using Socket first = await ingest.ConnectAsync();
        await IngestFixture.Until(() => ingest.Tcp.OpenConnections == 1, "the first is open");
        using Socket second = await ingest.ConnectAsync();
        await IngestFixture.Until(() => ingest.Tcp.OpenConnections == 2, "the second is open");

        // Akka names the children of a listener $a, $b, …; either connection may have become the first of them.
        ingest.System.ActorSelection("/user/ingest/tcp-*/$a").Tell(Kill.Instance);

        await IngestFixture.Until(() => ingest.Tcp.OpenConnections == 1, "one is closed");
        await IngestFixture.Until(() => IsClosed(first) || IsClosed(second), "its client is told");
        Assert.Equal(1, ingest.Tcp.Rejected(Rejection.Failure));
        Assert.Equal(1, ingest.Metrics.RejectedTotal);
        await IngestFixture.SendAllAsync(IsClosed(first) ? second : first, Frames.Process(2));
        await ingest.SendAsync(Frames.Process(3));
        await ingest.ReadAsync(2);
        Assert.Equal(0, ingest.Tcp.Restarts);

        static bool IsClosed(Socket socket) => socket.Poll(0, SelectMode.SelectRead);
    }

    [Fact]
    public async Task The_layout_of_the_listener_is_the_kind_of_the_record()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync("""
            ogrt.ingest.listeners {
              old { transport = tcp, layout = "0.3" }
              next { transport = udp, layout = next }
            }
            """);
        byte[] frame = Frames.Process(1);
        await ingest.SendAsync(frame, "old");
        Assert.Equal(RecordKind.FrameV03, (await ingest.ReadAsync(1)).Single().Kind);

        // Layout next asks for a uuid as field 299 and has no field that could not be skipped.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(ingest.EndPoint("next"));
        socket.Send(frame);
        Assert.Equal(RecordKind.FrameNext, (await ingest.ReadAsync(1)).Single().Kind);
        Assert.Equal(1, ingest.Metrics.Of("old").Frames);
        Assert.Equal(1, ingest.Metrics.Of("next").Frames);
    }

    [Fact]
    public async Task What_older_clients_have_sent_is_taken_as_it_is()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(ingest.EndPoint("udp"));
        socket.Send(RecordedFrames.Shell);
        socket.Send(RecordedFrames.Mpi);
        List<IngestFixture.Received> datagrams = await ingest.ReadAsync(2);
        Assert.Equal([RecordedFrames.Shell, RecordedFrames.Mpi], datagrams.Select(record => record.Payload));

        await ingest.SendAsync(Frames.Concat(RecordedFrames.Mpi, RecordedFrames.Shell));
        List<IngestFixture.Received> stream = await ingest.ReadAsync(2);
        Assert.Equal([RecordedFrames.Mpi, RecordedFrames.Shell], stream.Select(record => record.Payload));
        Assert.Equal(0, ingest.Metrics.RejectedTotal);
    }
}
