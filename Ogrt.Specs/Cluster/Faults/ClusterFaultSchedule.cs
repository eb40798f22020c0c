using Ogrt.Specs.Soak;

namespace Ogrt.Specs.Cluster.Faults;

/// <summary>What goes wrong in a run, step by step: the faults of a step are there together, and are healed before the next.</summary>
internal static class ClusterFaultSchedule
{
    // Of each line one at a time: faults of one line would undo or hide each other.
    private static readonly ClusterFaultKind[][] Apart =
    [
        [ClusterFaultKind.Partition, ClusterFaultKind.PartitionAll, ClusterFaultKind.OneWay, ClusterFaultKind.Flapping, ClusterFaultKind.Loss,
            ClusterFaultKind.Delay, ClusterFaultKind.DatabaseSlow],
        [ClusterFaultKind.KillNode, ClusterFaultKind.KillCoordinator, ClusterFaultKind.KillTwo, ClusterFaultKind.KillAll, ClusterFaultKind.Pause,
            ClusterFaultKind.DiskLost, ClusterFaultKind.RollingRestart, ClusterFaultKind.OtherShards],
        [ClusterFaultKind.DiskFull],
        [ClusterFaultKind.ClockForward, ClusterFaultKind.ClockBack],
        [ClusterFaultKind.DatabaseStopped, ClusterFaultKind.DatabaseKilled],
        [ClusterFaultKind.NamesChange],
    ];

    /// <summary>Each fault in a step of its own, at the nodes in turn.</summary>
    public static IReadOnlyList<IReadOnlyList<PlannedClusterFault>> Each(IEnumerable<ClusterFaultKind> kinds, int nodes) =>
        [.. kinds.Select((kind, n) => new[] { new PlannedClusterFault(kind, n % nodes) })];

    /// <summary>Every fault once, together with others, as a seed has it: a short run that leaves none out.</summary>
    public static IReadOnlyList<IReadOnlyList<PlannedClusterFault>> All(ulong seed, IReadOnlyList<ClusterFaultKind> kinds, int nodes)
    {
        Random random = FaultSchedule.RandomOf(seed);
        ClusterFaultKind[] left = [.. kinds];
        random.Shuffle(left);
        var schedule = new List<IReadOnlyList<PlannedClusterFault>>();
        while (left.Length > 0)
        {
            List<PlannedClusterFault> step = [];
            foreach (ClusterFaultKind kind in left)
            {
                // No more at a time, so that what a failing run had is still to be understood.
                if (step.Count < 3 && step.TrueForAll(f => GoTogether(f.Kind, kind)))
                    step.Add(new PlannedClusterFault(kind, random.Next(nodes)));
            }
            left = [.. left.Where(kind => step.TrueForAll(f => f.Kind != kind))];
            schedule.Add(step);
        }
        return schedule;
    }

    /// <summary>Faults as a seed has them, one to three of a step.</summary>
    public static IReadOnlyList<IReadOnlyList<PlannedClusterFault>> Mixed(ulong seed, int steps, IReadOnlyList<ClusterFaultKind> kinds, int nodes)
    {
        Random random = FaultSchedule.RandomOf(seed);
        var schedule = new List<IReadOnlyList<PlannedClusterFault>>();
        for (int step = 0; step < steps; step++)
        {
            List<PlannedClusterFault> faults = [];
            for (int n = random.Next(3); n >= 0; n--)
            {
                ClusterFaultKind kind = kinds[random.Next(kinds.Count)];
                if (faults.TrueForAll(f => GoTogether(f.Kind, kind)))
                    faults.Add(new PlannedClusterFault(kind, random.Next(nodes)));
            }
            schedule.Add(faults);
        }
        return schedule;
    }

    private static bool GoTogether(ClusterFaultKind one, ClusterFaultKind other) =>
        !Apart.Any(line => line.Contains(one) && line.Contains(other)) && !NeedsTheRest(new PlannedClusterFault(one), other) && !NeedsTheRest(new PlannedClusterFault(other), one);

    // A node that leaves in order waits for the others, for its disk and for its snapshots, and says so when it waits in vain.
    private static bool NeedsTheRest(PlannedClusterFault fault, ClusterFaultKind other) =>
        fault.IsOrderly && other is not (ClusterFaultKind.ClockForward or ClusterFaultKind.ClockBack or ClusterFaultKind.NamesChange or ClusterFaultKind.DatabaseSlow
            or ClusterFaultKind.Loss or ClusterFaultKind.Delay);
}
