using System.Runtime.InteropServices;
using Ogrt.Specs.Cluster.Lab;

namespace Ogrt.Bench.Cluster;

/// <summary>
/// <c>./build.sh cluster</c>: several servers, their database and a name server to look at and to break, until Ctrl-C. What is
/// made is taken down again, also when something fails.
/// </summary>
internal static class ClusterDemo
{
    /// <summary>Runs it.</summary>
    /// <param name="arguments">[seeds | alias] [NODES].</param>
    /// <returns>An exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        bool byAlias = arguments.Contains("alias");
        int nodes = 3;
        foreach (string argument in arguments.Where(a => a is not ("alias" or "seeds")))
        {
            if (int.TryParse(argument, out nodes) && nodes is >= 1 and <= 20) continue;
            Console.Error.WriteLine($"cluster: '{argument}' is none of: seeds, alias, a number of nodes from 1 to 20.");
            return 64;
        }
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        bool withNames = LabProgram.Try("dnsmasq", "--version").ExitCode == 0;
        if (!withNames)
        {
            Console.Error.WriteLine($"cluster: dnsmasq is not installed (Debian's dnsmasq-base){(byAlias ? "." : "; going on without a name server.")}");
            if (byAlias) return 69;
        }
        ClusterLab? lab = null;
        try
        {
            bool withDatabase = PostgreSqlServer.Missing.Length == 0;
            if (!withDatabase)
                Console.Error.WriteLine($"cluster: {PostgreSqlServer.Missing}; snapshots go into a directory that all servers share.");
            lab = await ClusterLab.CreateAsync(
                new LabOptions { Nodes = nodes, ByAlias = byAlias, WithNameServer = withNames, WithDatabase = withDatabase }, stop.Token);
            Console.WriteLine($"Starting {nodes} servers in {lab.Network}.");
            if (lab.WhyNoNamespaces.Length > 0) Console.WriteLine($"  ({lab.WhyNoNamespaces.Trim()})");
            if (withNames) await lab.SetAliasAsync(lab.Nodes);
            await lab.StartAsync(stop.Token);
            Tell(lab, withNames);
            await Task.Delay(Timeout.Infinite, stop.Token);
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("Taking it down.");
        }
        finally
        {
            if (lab is not null)
            {
                await Task.WhenAll(lab.Nodes.Where(n => n.Runs).Select(StopAsync));
                await lab.DisposeAsync();
            }
        }
        return 0;
    }

    private static async Task StopAsync(LabNode node)
    {
        try
        {
            node.Resume();
            await node.StopAsync();
        }
        catch (TimeoutException)
        {
            Console.Error.WriteLine($"cluster: {node.Name} does not stop in time and is killed.");
        }
    }

    private static void Tell(ClusterLab lab, bool withNames)
    {
        string server = $"dotnet {Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(AppContext.BaseDirectory, "ogrt-server.dll"))}";
        Console.WriteLine("\nThe cluster is up.\n");
        foreach (LabNode node in lab.Nodes)
        {
            Console.WriteLine($"  node {node.Index + 1}   frames {node.Address}:{LabNode.FramePort}   http://{node.Address}:{LabNode.HttpPort}/health/ready   pid {node.ProcessId}");
            Console.WriteLine($"           {node.Configuration}");
        }
        if (withNames) Console.WriteLine($"  names    {ClusterLab.Alias} has their addresses, by the name server {lab.Names!.EndPoint}");
        if (lab.Database is { } database) Console.WriteLine($"  database {database.Connection}");
        LabNode first = lab.Nodes[0];
        Console.WriteLine($"""

            To look at it:
              {server} cluster show --config {first.Configuration}
              tail -f {first.LogFile}
              curl -s http://{first.Address}:{LabNode.HttpPort}/metrics
              OGRT_ACTIVE=yes OGRT_SERVERS={string.Join(',', lab.Nodes.Select(n => n.Address))} JOBID=TRY LD_PRELOAD={TrackedPrograms.Library} ls
              {server} tree TRY --config {first.Configuration}
            """);
        if (lab.CanCut)
        {
            string space = lab.Nodes[^1].Space!;
            Console.WriteLine($"""

                To break it:
                  ip netns exec {space} nft 'add table inet cut; add chain inet cut in {"{ type filter hook input priority 0; policy drop; }"}'
                  ip netns exec {space} nft delete table inet cut
                  kill -STOP {first.ProcessId}; kill -CONT {first.ProcessId}; kill -KILL {first.ProcessId}
                """);
        }
        Console.WriteLine("\nCtrl-C takes it down and leaves nothing behind.");
    }
}
