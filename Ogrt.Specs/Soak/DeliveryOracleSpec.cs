namespace Ogrt.Specs.Soak;

/// <summary>
/// The promise, held against everything that goes wrong: what was confirmed arrives at each target or in its dead letters, as it
/// was made, and where the target has ids once. `./build.sh soak` runs the last of these for as long as one likes.
/// </summary>
[Collection(nameof(DeliveryOracleSpec))]
public sealed class DeliveryOracleSpec(ITestOutputHelper output)
{
    private const int MixedSteps = 12;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Each fault of the server and of targets; those of targets have their own turn at each target.</summary>
    public static TheoryData<string, string[]> Faults => new()
    {
        { "a server that is killed again and again", [nameof(FaultKind.KillServer), nameof(FaultKind.KillServer), nameof(FaultKind.KillServer)] },
        { "a server that is stopped and started", [nameof(FaultKind.StopServer)] },
        { "targets that are killed and come back", [nameof(FaultKind.TargetKilled)] },
        { "targets that have too much to do, as a whole or for single records", [nameof(FaultKind.Full), nameof(FaultKind.FullForItems)] },
        { "targets that are read-only, and slow", [nameof(FaultKind.ReadOnly), nameof(FaultKind.Slow)] },
        { "targets that swallow everything, break off, and cannot be understood", [nameof(FaultKind.BlackHole), nameof(FaultKind.Resets), nameof(FaultKind.Garbage)] },
        { "a full disk", [nameof(FaultKind.DiskFull), nameof(FaultKind.KillServer), nameof(FaultKind.DiskFull)] },
        {
            "a clock that jumps, also over a death",
            [nameof(FaultKind.ClockForward), nameof(FaultKind.ClockBack), nameof(FaultKind.KillServer), nameof(FaultKind.ClockForward), nameof(FaultKind.ClockBack)]
        },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Everything_confirmed_is_delivered_as_it_was_made_with(string what, string[] faults)
    {
        output.WriteLine(what);
        await using SoakRun run = await SoakRun.CreateAsync(new SoakOptions(Seed: 1), output.WriteLine);
        FaultKind[] kinds = [.. faults.Select(Enum.Parse<FaultKind>)];
        (FaultKind Kind, string Reason)? cannot = run.CannotBe.Where(c => kinds.Contains(c.Kind)).Select(c => ((FaultKind, string)?)c).FirstOrDefault();
        Assert.SkipWhen(cannot is not null, $"{cannot?.Kind} cannot be made here: {cannot?.Reason}.");
        await CheckAsync(run, FaultSchedule.Each(kinds, run.Targets), "dotnet Ogrt.Specs.dll -class '*DeliveryOracleSpec*'");
    }

    [Theory]
    [InlineData(20)]
    [InlineData(21)]
    public async Task Everything_confirmed_is_delivered_as_it_was_made_with_all_faults_mixed(ulong seed)
    {
        await using SoakRun run = await SoakRun.CreateAsync(new SoakOptions(seed), output.WriteLine);
        await CheckAsync(run, FaultSchedule.Mixed(seed, MixedSteps, run.Targets, run.OfServer), $"./build.sh soak --seed {seed} -- --rounds 1 --rate 1500 --steps {MixedSteps}");
    }

    private async Task CheckAsync(SoakRun run, IReadOnlyList<IReadOnlyList<PlannedFault>> schedule, string again)
    {
        SoakReport report = await run.RunAsync(schedule, Cancellation);
        output.WriteLine(report.ToString());
        Assert.True(report.Violations.Count == 0, $"{report}\nThe schedule was {FaultSchedule.Text(schedule)}\nAgain: {again}");
        // A run in which nothing came to anything would hold as well.
        Assert.True(report is { SeenRead: > 500, QuietPoints: > 0 }, report.ToString());
    }
}
