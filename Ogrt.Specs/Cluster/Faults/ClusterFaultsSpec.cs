using Ogrt.Specs.Shim;
using Ogrt.Specs.Soak;

namespace Ogrt.Specs.Cluster.Faults;

/// <summary>
/// The promise of a cluster, held against everything that goes wrong with it: nothing that a server has taken gets lost, or
/// counts twice. `./build.sh soak -- cluster` runs it for as long as one likes.
/// </summary>
[Collection(LabCollection.Name)]
public sealed class ClusterFaultsSpec(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(28)]
    public async Task Everything_confirmed_is_once_in_its_tree_and_in_every_sink_with_all_faults_mixed(ulong seed)
    {
        Command.Require("dnsmasq");
        await using ClusterFaultRun run = await ClusterFaultRun.CreateAsync(new SoakOptions(seed, Rate: 400, FramesOfStep: 1000), output.WriteLine, Cancel);
        foreach ((ClusterFaultKind kind, string reason) in run.CannotBe)
            output.WriteLine($"{kind} is left out: {reason}");
        IReadOnlyList<IReadOnlyList<PlannedClusterFault>> schedule = ClusterFaultSchedule.All(seed, run.CanBe, run.Nodes);
        SoakReport report = await run.RunAsync(schedule, Cancel);
        output.WriteLine(report.ToString());
        Assert.True(report.Violations.Count == 0, $"{report}\nSeed {seed}; the schedule was {FaultSchedule.Text(schedule)}");
        // A run in which nothing came to anything would hold as well.
        Assert.True(report is { SeenRead: > 5000, QuietPoints: > 2 }, report.ToString());
    }
}
