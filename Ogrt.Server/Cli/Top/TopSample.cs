using Ogrt.Server.Overview;

namespace Ogrt.Server.Cli.Top;

/// <summary>Two looks at a server: what is there now, and what rates are told by.</summary>
/// <param name="Now">The later one.</param>
/// <param name="Before">The earlier one of the same process; null for the first look.</param>
internal sealed record TopSample(OverviewView Now, OverviewView? Before)
{
    /// <summary>Between the two; 0 without an earlier one.</summary>
    public double Seconds => Before is null ? 0 : (Now.Time - Before.Time).TotalSeconds;

    /// <summary>The next sample. A server that was started meanwhile begins to count anew.</summary>
    public static TopSample Next(OverviewView now, TopSample? last) =>
        new(now, last is not null && last.Now.Server.Pid == now.Server.Pid && last.Now.Server.Started == now.Server.Started ? last.Now : null);

    /// <summary>A rate a second; null when there is nothing to tell it by.</summary>
    public double? Rate(long? now, long? before) => now is { } n && before is { } b && Seconds > 0 && n >= b ? (n - b) / Seconds : null;

    /// <summary>The same stage, one look before.</summary>
    public StageView? Earlier(StageView stage) => Before?.Pipeline.FirstOrDefault(s => s.Stage == stage.Stage && s.Name == stage.Name);

    /// <summary>The same loss, one look before; what was not there was 0.</summary>
    public double? Rate(LossView loss) => Before is null ? null : Rate(loss.Count, Before.Losses.FirstOrDefault(l => l.Where == loss.Where && l.Reason == loss.Reason)?.Count ?? 0);
}
