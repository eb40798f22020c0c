using Ogrt.Specs.Sinks.Elasticsearch;

namespace Ogrt.Specs.Soak.Real;

/// <summary>The oracle with a real server at the other end, beside the server's own files and store.</summary>
[Collection(nameof(RealServerCollection))]
public sealed class RealTargetsOracleSpec(RealServers servers, ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("opensearch")]
    [InlineData("elasticsearch")]
    public async Task Everything_confirmed_is_in_a_real_server_once_or_refused_by_its_mapping(string product)
    {
        RealServer server = await servers.GetAsync(product);
        Assert.SkipUnless(server.IsOurs, "A server that somebody else runs is not ours to kill.");
        var target = new RealElasticsearchTarget(server);
        await target.PrepareAsync();
        await using SoakRun run = SoakRun.Create(
            new SoakOptions(Seed: 31, Rate: 800, FramesOfStep: 300), output.WriteLine, (_, _) => [target, new JsonFileTarget(), new LocalStoreTarget()]);
        IReadOnlyList<IReadOnlyList<PlannedFault>> schedule =
        [
            [new(FaultKind.TargetKilled, "es"), new(FaultKind.KillServer)],
            [new(FaultKind.ReadOnly, "es")],
            [new(FaultKind.BlackHole, "es"), new(FaultKind.KillServer)],
        ];
        SoakReport report = await run.RunAsync(schedule, Cancellation);
        output.WriteLine(report.ToString());
        Assert.True(report.Violations.Count == 0, $"{report}\nThe schedule was {FaultSchedule.Text(schedule)}");
        Assert.True(report is { SeenRead: > 500, QuietPoints: > 0 }, report.ToString());
    }
}
