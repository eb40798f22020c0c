using System.Text;
using CsCheck;
using Ogrt.Server.Cli.Top;
using Ogrt.Server.Hosting;
using Ogrt.Server.Overview;
using Ogrt.Sinks;

namespace Ogrt.Specs.Server.Watch;

public sealed class TopRendererSpec
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    private static OverviewView View(int seconds, long frames, IReadOnlyList<RemainderView>? unaccounted = null, IReadOnlyList<LossView>? losses = null, int pid = 7) => new()
    {
        Time = Noon.AddSeconds(seconds),
        Server = new ServerView("0.6.0", pid, Noon.AddHours(-1), "running", "default", "n1:2551"),
        Pipeline =
        [
            new StageView("listener", "udp", frames, frames, null, null, "ok", 0, 0, null),
            new StageView("journal", "", frames, frames, 12_345, 90, "full, blocked-by: sink-es", 0, 0, null),
        ],
        Losses = losses ?? [],
        Unaccounted = unaccounted ?? [],
        Jobs =
        [
            new JobView("small", "u", "running", 1, 0, 1, 1, 1, 0.5, Noon, 1), new JobView("large", "v", "ended", 900, 3, 2, 4, 900, 100, Noon, 1),
            new JobView("unknown", "w", "running", 5, 0, 1, 1, 5, 2, null, 1),
        ],
        JobsTotal = 3,
        Nodes = [],
        NodesTotal = 0,
        NodesSilent = 0,
        Sinks = [new SinkView { Name = "es", Type = "elasticsearch", Phase = SinkPhase.Paused, Reason = "unauthorized", Detail = "401", Since = Noon, LagRecords = 5, LagBytes = 1, LagSeconds = 90, Accepted = 1, Delivered = 1, Duplicate = 0, DeadLettered = 0, Skipped = 0, Dropped = 0, Pending = 0, InFlightRequests = 1, ConcurrencyLimit = 4, DeadLetters = 0, DeadLetterBytes = 0 }],
        Members = [],
        Actors = [],
    };

    private static List<TopLine> Lines(TopState state, TopSample sample, int width = 120) => new TopRenderer(state, unicode: true).Screen(sample, width, 24, null, TimeSpan.Zero);

    private static string Text(IEnumerable<TopLine> lines) => string.Join('\n', lines);

    [Fact]
    public void Rates_come_from_two_looks_at_the_same_process_and_are_unknown_before()
    {
        TopSample first = TopSample.Next(View(0, 1000), null);
        Assert.Matches(@"listener udp +- +- +1000 ", Text(Lines(new TopState(), first)));
        TopSample second = TopSample.Next(View(2, 3000), first);
        Assert.Matches(@"listener udp +1000 +1000 +3000 ", Text(Lines(new TopState(), second)));
        // Another process counts from the beginning.
        Assert.Matches(@"listener udp +- +- +10 ", Text(Lines(new TopState(), TopSample.Next(View(4, 10, pid: 8), second))));
    }

    [Fact]
    public void What_is_unaccounted_is_red_and_says_by_which_sum()
    {
        TopLine line = Lines(new TopState(), TopSample.Next(View(0, 1, [new RemainderView("sink es", -3, "accepted - delivered")]), null))[3];
        Assert.Equal("Unaccounted: -3 at sink es (accepted - delivered)", line.ToString());
        Assert.Contains("\u001b[1;31m-3 at sink es", line.Render(120, colour: true, "…", dim: false), StringComparison.Ordinal);
        Assert.Contains("\u001b[32m0", Lines(new TopState(), TopSample.Next(View(0, 1), null))[3].Render(120, colour: true, "…", dim: false), StringComparison.Ordinal);
    }

    [Fact]
    public void Losses_that_go_on_come_first_with_their_rate()
    {
        TopSample first = TopSample.Next(View(0, 1, losses: [new("listener udp", "kernel_drops", 10), new("sink es", "dropped", 500)]), null);
        TopSample second = TopSample.Next(View(2, 1, losses: [new("listener udp", "kernel_drops", 30), new("sink es", "dropped", 500)]), first);
        Assert.Equal("Lost: listener udp kernel_drops 30 (+10/s); sink es dropped 500", Lines(new TopState(), second)[2].ToString());
    }

    [Fact]
    public void Rows_are_sorted_by_any_column_both_ways_with_the_unknown_last()
    {
        TopSample sample = TopSample.Next(View(0, 1), null);
        var state = new TopState { Screen = TopScreen.Jobs };
        Assert.Equal(["large", "unknown", "small"], Jobs());
        TopKeys.Apply(TopKey.Of('r'), state, 10, 10);
        Assert.Equal(["small", "unknown", "large"], Jobs());
        state.Current.Sort = 9; // since when they run, which of one is not known
        Assert.Equal("unknown", Jobs()[2]);
        TopKeys.Apply(TopKey.Of('r'), state, 10, 10);
        Assert.Equal("unknown", Jobs()[2]);
        TopKeys.Apply(new TopKey("f6"), state, 10, 10);
        Assert.Equal(-1, state.Current.Sort);
        TopKeys.Apply(TopKey.Of('s'), state, 10, 10);
        Assert.Equal(0, state.Current.Sort);

        string[] Jobs() => [.. Lines(state, sample).Skip(TopRenderer.LinesAbove).Take(3).Select(l => l.ToString().Split(' ')[0])];
    }

    [Fact]
    public void Each_screen_keeps_its_own_filter_and_place()
    {
        var state = new TopState();
        foreach (char c in "/es\r") foreach (TopKey key in KeyParser.Parse(Encoding.UTF8.GetBytes([c]))) TopKeys.Apply(key, state, 10, 10);
        Assert.Equal("es", state.Current.Filter);
        TopKeys.Apply(TopKey.Of('2'), state, 10, 10);
        Assert.Equal((TopScreen.Jobs, ""), (state.Screen, state.Current.Filter));
        TopKeys.Apply(new TopKey("backtab"), state, 10, 10);
        Assert.Equal((TopScreen.Pipeline, "es"), (state.Screen, state.Current.Filter));
        TopKeys.Apply(new TopKey("backtab"), state, 10, 10);
        Assert.Equal(TopScreen.Cluster, state.Screen);
    }

    [Theory]
    [InlineData("\u001b[A", "up")]
    [InlineData("\u001bOA", "up")]
    [InlineData("\u001b[5~", "pageup")]
    [InlineData("\u001b[Z", "backtab")]
    [InlineData("\u001bOP", "f1")]
    [InlineData("\u001b[11~", "f1")]
    [InlineData("\u001b[[A", "f1")]
    [InlineData("\u001b", "esc")]
    [InlineData("\u0003", "interrupt")]
    [InlineData("\u001b[1;5C", "")]
    [InlineData("\u001b[99;99;99z", "")]
    [InlineData("ü", "char")]
    public void A_sequence_is_one_key(string bytes, string name) => Assert.Equal(name, Assert.Single(KeyParser.Parse(Encoding.UTF8.GetBytes(bytes))).Name);

    [Fact]
    public void Any_bytes_are_keys_of_some_kind() => Gen.Byte.Array.Sample(bytes =>
    {
        var state = new TopState();
        TopSample sample = TopSample.Next(View(0, 1), null);
        foreach (TopKey key in KeyParser.Parse(bytes)) TopKeys.Apply(key, state, 10, 10);
        foreach (TopLine line in Lines(state, sample, 33))
            Assert.True(Ogrt.Server.Cli.SafeText.Width(System.Text.RegularExpressions.Regex.Replace(line.Render(33, colour: true, "…", dim: false), "\u001b\\[[0-9;]*m", "")) <= 33);
    });
}
