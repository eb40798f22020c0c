using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Ogrt.Specs.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.EndToEnd;

/// <summary>Clients of the first OGRT, as they are deployed: their datagrams were recorded from OGRT 0.5.</summary>
public sealed class OlderClientsSpec
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("shell")]
    [InlineData("mpi")]
    public async Task A_datagram_of_OGRT_0_5_becomes_the_JSON_that_OGRT_wrote(string name)
    {
        byte[] frame = name == "mpi" ? RecordedFrames.Mpi : RecordedFrames.Shell;
        ProcessInfo sent = ProcessInfo.Parser.ParseFrom(frame.AsSpan(8));
        await using ServerProcess server = await ServerProcess.StartAsync([], Cancellation);

        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.SendToAsync(frame, new IPEndPoint(IPAddress.Loopback, server.Port), Cancellation);

        JsonElement process = (await server.UntilAsync(
            () => server.ProcessesAsync(sent.JobId, Cancellation), processes => processes.Count > 0, Cancellation)).Single();
        Assert.Equal(sent.Binpath, process.GetProperty("binpath").GetString());
        Assert.Equal(sent.Pid, process.GetProperty("pid").GetInt32());
        Assert.Equal(sent.ParentPid, process.GetProperty("parent_pid").GetInt32());
        Assert.Equal(sent.Time, process.GetProperty("time").GetInt64());
        Assert.Equal(sent.Username, process.GetProperty("username").GetString());
        Assert.Equal(sent.Hostname, process.GetProperty("hostname").GetString());
        Assert.Equal(sent.Cmdline, process.GetProperty("cmdline").GetString());
        Assert.Equal(sent.SharedObjects.Select(o => o.Path),
            process.GetProperty("shared_objects").EnumerateArray().Select(o => o.GetProperty("path").GetString()!));
        Assert.Equal(sent.LoadedModules.Select(m => m.Name), process.TryGetProperty("loaded_modules", out JsonElement modules)
            ? modules.EnumerateArray().Select(m => m.GetProperty("name").GetString()!)
            : []);
    }

    [Fact]
    public async Task Listeners_of_the_older_layouts_feed_the_same_trees_and_the_same_store()
    {
        int old = ServerProcess.FreePort(), next = ServerProcess.FreePort();
        await using ServerProcess server = await ServerProcess.StartAsync(
        [
            "ogrt.ingest.listeners.old.transport=tcp", $"ogrt.ingest.listeners.old.port={old}", "ogrt.ingest.listeners.old.layout=0.3",
            "ogrt.ingest.listeners.next.transport=tcp", $"ogrt.ingest.listeners.next.port={next}", "ogrt.ingest.listeners.next.layout=next",
        ], Cancellation);
        byte[] uuid = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];

        await SendAsync(old, WireGen.Frame(12,
        [
            .. WireGen.Bytes(300, "/bin/ls"u8), .. WireGen.Varint(301, 7), .. WireGen.Varint(302, 6), .. WireGen.Varint(303, 1456936066),
            .. WireGen.Bytes(305, "OLD"u8), .. WireGen.Bytes(307, "h"u8), .. WireGen.Bytes(308, "A=1"u8), .. WireGen.Bytes(309, "-l"u8),
            .. WireGen.Bytes(310, WireGen.Bytes(400, "/lib/libc.so"u8)),
        ]));
        // The end names its process by the uuid alone: the tree cannot place it, counts it, and goes on with what follows.
        await SendAsync(next, WireGen.Frame(16, [.. WireGen.Bytes(99, uuid), .. WireGen.Varint(104, 1456936067123)]));
        await SendAsync(next, WireGen.Frame(12,
        [
            .. WireGen.Bytes(299, uuid), .. WireGen.Bytes(300, "/bin/cat"u8), .. WireGen.Varint(301, 8),
            .. WireGen.Varint(303, 1456936066123), .. WireGen.Bytes(305, "NEXT"u8), .. WireGen.Bytes(307, "h"u8),
            .. WireGen.Bytes(311, WireGen.Bytes(400, "/lib/libm.so"u8)),
        ]));

        foreach ((string job, string program, string library) in new[] { ("OLD", "/bin/ls", "/lib/libc.so"), ("NEXT", "/bin/cat", "/lib/libm.so") })
        {
            JsonElement process = (await server.UntilAsync(
                () => server.ProcessesAsync(job, Cancellation), processes => processes.Count > 0, Cancellation)).Single();
            Assert.Equal(program, process.GetProperty("binpath").GetString());
            Assert.Equal(1456936066, process.GetProperty("time").GetInt64());
            Assert.Equal(library, process.GetProperty("shared_objects").EnumerateArray().Single().GetProperty("path").GetString());
            await server.UntilAsync(() => server.CommandAsync(["tree", job, "--json"], Cancellation),
                tree => tree.Contains(program, StringComparison.Ordinal), Cancellation);
        }
        await server.UntilAsync(() => server.MetricsAsync(Cancellation),
            metrics => metrics.GetValueOrDefault("ogrt_jobs_frames_total") == 2 && metrics.GetValueOrDefault("ogrt_jobs_rejected_total") == 1,
            Cancellation);
    }

    private static async Task SendAsync(int port, byte[] frame)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, Cancellation);
        await socket.SendAsync(frame, Cancellation);
    }
}
