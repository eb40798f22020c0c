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
        var random = new Random((int)(seed ^ (seed >> 32)));
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
    public static string Text(IEnumerable<IReadOnlyList<PlannedFault>> schedule) => string.Join(" ; ", schedule.Select(step => string.Join(" + ", step)));
}
