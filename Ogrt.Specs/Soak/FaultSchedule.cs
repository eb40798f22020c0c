namespace Ogrt.Specs.Soak;

/// <summary>What goes wrong in a run, step by step: the faults of a step are there together, and the server may die among them.</summary>
internal static class FaultSchedule
{
    /// <summary>Each fault of these targets and each of these of the server alone, in steps of their own.</summary>
    public static IReadOnlyList<IReadOnlyList<PlannedFault>> Each(IEnumerable<FaultKind> kinds, IReadOnlyCollection<SoakTarget> targets) =>
    [
        .. kinds.SelectMany(kind => targets.Where(t => t.Faults.Contains(kind)).Select(t => new PlannedFault(kind, t.Sink)).DefaultIfEmpty(new PlannedFault(kind)))
            .Select(fault => new[] { fault }),
    ];

    /// <summary>All faults mixed, as a seed has it.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="ofServer">The faults of the server that can be made here.</param>
    public static IReadOnlyList<IReadOnlyList<PlannedFault>> Mixed(
        ulong seed, int steps, IReadOnlyCollection<SoakTarget> targets, IReadOnlyList<FaultKind> ofServer)
    {
        Random random = RandomOf(seed);
        PlannedFault[] ofTargets = [.. targets.SelectMany(t => t.Faults.Select(f => new PlannedFault(f, t.Sink)))];
        var schedule = new List<IReadOnlyList<PlannedFault>>();
        for (int step = 0; step < steps; step++)
        {
            var faults = new List<PlannedFault>();
            // A target has one fault at a time; the server's come after those of targets, and so among them.
            foreach (PlannedFault fault in random.GetItems(ofTargets, random.Next(3)))
            {
                if (faults.TrueForAll(f => f.Sink != fault.Sink))
                    faults.Add(fault);
            }
            if (faults.Count == 0 || random.Next(2) == 0)
                faults.Add(new PlannedFault(ofServer[random.Next(ofServer.Count)]));
            // Dies again and again, whatever else is wrong.
            if (random.Next(3) == 0 && !faults.Contains(new PlannedFault(FaultKind.KillServer)))
                faults.Add(new PlannedFault(FaultKind.KillServer));
            schedule.Add(faults);
        }
        return schedule;
    }

    /// <summary>A schedule in one line.</summary>
    public static string Text<T>(IEnumerable<IReadOnlyList<T>> schedule) => string.Join(" ; ", schedule.Select(step => string.Join(" + ", step)));

    /// <summary>What chooses the faults of a seed.</summary>
    public static Random RandomOf(ulong seed) => new((int)(seed ^ (seed >> 32)));

    /// <summary>Runs a schedule, and looks at what has come of it.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="report">Gets what did not come in time.</param>
    /// <param name="step">Makes the faults of a step and ends them.</param>
    /// <param name="quiet">Waits until nothing moves, and looks.</param>
    /// <param name="stepped">Told after each step, with its place.</param>
    /// <param name="verify">Looks at the end.</param>
    public static async Task RunAsync<T>(
        IReadOnlyList<IReadOnlyList<T>> schedule, SoakReport report, Func<IReadOnlyList<T>, Task> step, Func<Task> quiet, Action<string> stepped, Func<Task> verify)
    {
        try
        {
            for (int n = 0; n < schedule.Count; n++)
            {
                await step(schedule[n]);
                // Not after every step: a backlog and its faults shall meet the next ones as well.
                if (n % 3 == 2 || n == schedule.Count - 1)
                    await quiet();
                stepped($"{n + 1}/{schedule.Count} {string.Join(" + ", schedule[n])}");
            }
            await verify();
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            report.Violations.Add(e.Message);
        }
    }
}
