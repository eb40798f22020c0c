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
}
