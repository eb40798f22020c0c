using System.Net;
using Ogrt.Specs.Cluster.Lab;
using Ogrt.Specs.Shim;

namespace Ogrt.Specs.Cluster;

/// <summary>
/// Programs under the preload library on a compute node that knows an alias: <c>ogrt servers</c> writes down what is behind it,
/// a name server of its own answers, and three real servers take what comes.
/// </summary>
[Collection(LabCollection.Name)]
public sealed class ClientsOfAnAliasSpec(ShimFixture shim) : IClassFixture<ShimFixture>, IDisposable
{
    private const int Programs = 24;

    // Each server that does not answer gets a share of it.
    private const string Deadline = "--deadline-ms=4000";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogrt-");
    private int _jobs;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string ServersFile => Path.Combine(_folder.FullName, "servers");

    private string Prefix => shim.Prefix("--servers-file=" + ServersFile, Deadline);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Nothing_is_lost_while_addresses_come_and_go_behind_the_alias()
    {
        Command.Require("dnsmasq");
        await using ClusterLab lab = await ClusterLab.CreateAsync(
            new LabOptions { ByAlias = true, TakesFramesEverywhere = true, Settings = LabSettings.Quick }, Cancel);
        Assert.SkipUnless(lab.CanCut, lab.WhyNoNamespaces);
        await lab.StartAsync(Cancel);
        LabNode[] nodes = [.. lab.Nodes];

        // All three, each the first of some.
        Assert.Equal(0, Refresh(lab).ExitCode);
        Assert.Equal(nodes.Select(n => $"{n.Address}:{LabNode.FramePort}"), Addresses());
        await AllArriveAsync(lab, nodes);

        // One leaves, and the alias with it.
        await lab.SetAliasAsync([nodes[0], nodes[1]]);
        Assert.Equal(0, Refresh(lab).ExitCode);
        Assert.Equal(0, await nodes[2].StopAsync());
        await AllArriveAsync(lab, nodes[0], nodes[1]);

        // It comes back, another dies and is still listed, as is an address that nobody has.
        await nodes[2].StartAsync();
        await lab.WholeAsync(Cancel);
        await lab.SetAliasAsync(nodes, stillListed: true);
        Assert.Equal(0, Refresh(lab).ExitCode);
        Assert.Equal(4, Addresses().Length);
        await nodes[1].KillAsync();
        await AllArriveAsync(lab, nodes[0], nodes[2]);

        // A name server that says nothing, or nothing that can be used, leaves the file as it is.
        string before = File.ReadAllText(ServersFile);
        await lab.Names!.SetAsync(ClusterLab.Alias, ["0.0.0.0", "127.0.0.1"], [], Cancel);
        Assert.Equal(1, Refresh(lab).ExitCode);
        await lab.Names.SetAsync(ClusterLab.Alias, [], [], Cancel);
        Assert.Equal(1, Refresh(lab).ExitCode);
        await lab.Names.DisposeAsync();
        Assert.Equal(1, Refresh(lab).ExitCode);
        Assert.Equal(before, File.ReadAllText(ServersFile));
        await AllArriveAsync(lab, nodes[0], nodes[2]);

        // IPv6 alone, and with IPv4.
        string[] six = [.. nodes.Select(n => $"[{n.AddressV6}]:{LabNode.FramePort}")];
        await lab.Names.SetAsync(ClusterLab.Alias, nodes.Select(n => n.AddressV6!.ToString()), [], Cancel);
        Assert.Equal(0, Refresh(lab).ExitCode);
        Assert.Equal(six, Addresses());
        await AllArriveAsync(lab, nodes[0], nodes[2]);
        await lab.Names.SetAsync(ClusterLab.Alias, nodes.SelectMany(n => new IPAddress[] { n.Address, n.AddressV6! }).Select(a => a.ToString()), [], Cancel);
        Assert.Equal(0, Refresh(lab).ExitCode);
        Assert.Equal(nodes.Select(n => $"{n.Address}:{LabNode.FramePort}"), Addresses());
        Assert.Equal(0, Refresh(lab, "--family=both").ExitCode);
        Assert.Equal(6, Addresses().Length);
        await AllArriveAsync(lab, nodes[0], nodes[2]);
    }

    private string[] Addresses() => [.. File.ReadLines(ServersFile).Where(line => !line.StartsWith('#'))];

    /// <summary>Does what the timer of a compute node does.</summary>
    private (int ExitCode, string Output, string Error) Refresh(ClusterLab lab, params string[] options) => LabProgram.Try(
        "ip", ["netns", "exec", lab.ClientSpace!, Path.Combine(Prefix, "bin", "ogrt"), "servers", "--output=" + ServersFile, .. options, ClusterLab.Alias]);

    /// <summary>Runs programs of one job one after the other, and waits until each is in the job's tree.</summary>
    /// <param name="lab">The servers.</param>
    /// <param name="takers">Those of them that must have been sent some.</param>
    private async Task AllArriveAsync(ClusterLab lab, params LabNode[] takers)
    {
        string job = $"alias-{++_jobs}";
        double[] before = await Task.WhenAll(takers.Select(TakenAsync));
        string program = $"LD_PRELOAD={Prefix}/lib/libogrt.so OGRT_ACTIVE=yes JOBID={job} /bin/true";
        LabProgram.Run("ip", "netns", "exec", lab.ClientSpace!, "sh", "-ec", $"n=0; while [ $n -lt {Programs} ]; do {program}; n=$((n+1)); done");
        await lab.UntilAsync(async () => await lab.CountProcessesAsync(job) == Programs, $"{Programs} programs are in the tree of {job}", Cancel);
        double[] after = await Task.WhenAll(takers.Select(TakenAsync));
        Assert.All(before.Zip(after), taken => Assert.True(taken.Second > taken.First, $"Of {Programs} programs of {job} one of the servers was sent none."));
    }

    private static async Task<double> TakenAsync(LabNode node) =>
        (await node.SeriesAsync()).Where(s => s.Key.StartsWith("ogrt_ingest_frames_total", StringComparison.Ordinal)).Sum(s => s.Value);
}
