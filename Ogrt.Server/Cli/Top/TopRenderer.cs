using System.Globalization;
using Ogrt.Server.Cli.Watch;
using Ogrt.Server.Overview;

namespace Ogrt.Server.Cli.Top;

/// <summary>Makes the lines of a screen: what is always there, the table, the keys.</summary>
/// <param name="state">What is chosen.</param>
/// <param name="unicode">Whether more than ASCII can be shown.</param>
internal sealed class TopRenderer(TopState state, bool unicode)
{
    /// <summary>Lines above the rows, the headings included.</summary>
    public const int LinesAbove = 6;

    private const int MaxCell = 40;

    /// <summary>The lines of the screen.</summary>
    /// <param name="sample">What is known of the server.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="connection">What is wrong with the connection; null when nothing is.</param>
    /// <param name="age">How old the sample is.</param>
    public List<TopLine> Screen(TopSample sample, int width, int height, string? connection, TimeSpan age)
    {
        List<TopLine> lines = [Title(sample, connection, age, width), Tabs(width), Losses(sample), Unaccounted(sample), Choices(sample)];
        if (state.Help) lines.AddRange(Help());
        else lines.AddRange(Table(sample, width, Math.Max(1, height - LinesAbove - 1)));
        int room = Math.Max(1, height - 1);
        if (lines.Count > room) lines.RemoveRange(room, lines.Count - room);
        while (lines.Count < room) lines.Add(new TopLine());
        if (height > 1) lines.Add(Keys());
        return lines;
    }

    /// <summary>The same for a file or a pipe: all rows, no keys.</summary>
    public List<TopLine> Page(TopSample sample, int width) =>
        [Title(sample, null, TimeSpan.Zero, 0), Losses(sample), Unaccounted(sample), new TopLine(), .. Table(sample, width, int.MaxValue - 1)];

    private static TopLine Title(TopSample sample, string? connection, TimeSpan age, int width)
    {
        ServerView server = sample.Now.Server;
        var line = new TopLine()
            .Add("ogrt-server " + SafeText.Of(server.Version), Tone.Bold)
            .Add("  " + SafeText.Of(server.Cluster))
            .Add(server.Address.Length > 0 ? "  " + SafeText.Of(server.Address) : "")
            .Add(string.Create(CultureInfo.InvariantCulture, $"  process {server.Pid}, up {Figures.Seconds(Math.Max(0, (sample.Now.Time - server.Started).TotalSeconds))}"));
        if (server.Phase != "running") line.Add("  " + SafeText.Of(server.Phase.ToUpperInvariant()), Tone.Warning);
        if (connection is not null) return line.Add($"  {connection} ({Figures.Seconds(Math.Floor(age.TotalSeconds))})", Tone.Bad);
        string time = sample.Now.Time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        return line.Add("  ").Pad(width - time.Length).Add(time);
    }

    private TopLine Tabs(int width)
    {
        var line = new TopLine();
        foreach (TopScreen screen in Enum.GetValues<TopScreen>())
        {
            // Where there is no room for the words, the digits are what one needs.
            string text = width >= 60 || screen == state.Screen ? $" {(int)screen + 1} {screen} " : $" {(int)screen + 1} ";
            line.Add(text, screen == state.Screen && !state.Help ? Tone.Reverse : Tone.Plain);
        }
        if (state.Paused) line.Add("  PAUSED", Tone.Warning);
        return line;
    }

    private static TopLine Losses(TopSample sample)
    {
        var line = new TopLine().Add("Lost: ");
        if (sample.Now.Losses.Count == 0) return line.Add("0", Tone.Good);
        bool first = true;
        // What is being lost now comes first.
        foreach (LossView loss in sample.Now.Losses.OrderByDescending(l => sample.Rate(l) ?? 0).ThenByDescending(l => l.Count))
        {
            double rate = sample.Rate(loss) ?? 0;
            string text = $"{SafeText.Of(loss.Where)} {SafeText.Of(loss.Reason)} {Figures.Count(loss.Count, raw: false)}{(rate > 0 ? $" (+{Figures.Rate(rate, raw: false)}/s)" : "")}";
            line.Add(first ? text : "; " + text, rate > 0 ? Tone.Bad : Tone.Warning);
            first = false;
        }
        return line;
    }

    private static TopLine Unaccounted(TopSample sample)
    {
        var line = new TopLine().Add("Unaccounted: ");
        if (sample.Now.Unaccounted.Count == 0) return line.Add("0", Tone.Good);
        foreach (RemainderView remainder in sample.Now.Unaccounted)
            line.Add(string.Create(CultureInfo.InvariantCulture, $"{remainder.Remainder} at {SafeText.Of(remainder.Where)} ({remainder.Equation}) "), Tone.Bad);
        return line;
    }

    private TopLine Choices(TopSample sample)
    {
        if (state.Typing is { } typing) return new TopLine().Add("Filter: ", Tone.Bold).Add(SafeText.Of(typing)).Add("_");
        OverviewView now = sample.Now;
        var line = new TopLine();
        if (state.Current.Filter.Length > 0) line.Add($"/{SafeText.Of(state.Current.Filter)}/  ", Tone.Bold);
        line.Add(
            state.Screen switch
            {
                TopScreen.Jobs => string.Create(CultureInfo.InvariantCulture, $"{now.JobsTotal} jobs on this node{(now.JobsTotal > now.Jobs.Count ? $", the {now.Jobs.Count} busiest" : "")}"),
                TopScreen.Nodes => string.Create(CultureInfo.InvariantCulture, $"{now.NodesTotal} compute nodes since the start, {now.NodesSilent} silent{(now.NodesTotal > now.Nodes.Count ? $"; the {now.Nodes.Count} heard of last" : "")}"),
                TopScreen.Cluster => string.Create(CultureInfo.InvariantCulture, $"{now.Members.Count} members, {now.Members.Count(m => !m.Reachable)} unreachable"),
                _ => "",
            },
            Tone.Dim);
        return line;
    }

    private List<TopLine> Table(TopSample sample, int width, int rows)
    {
        TopState.PerScreen current = state.Current;
        TopTable table = new TopTables(sample, state.Raw).Of(state.Screen).Arranged(current.Filter, current.Sort, current.Descending);
        // Never past the last page.
        current.Scroll = Math.Clamp(current.Scroll, 0, Math.Max(0, table.Rows.Count - rows));
        int[] widths = [.. table.Columns.Select((c, i) => Math.Max(Heading(table, i).Length, table.Rows.Select(r => Math.Min(MaxCell, SafeText.Width(r[i].Text))).DefaultIfEmpty(0).Max()))];
        List<int> shown = Fitting(table, widths, width);
        var heading = new TopLine();
        foreach (int i in shown) Cell(heading, Heading(table, i), widths[i], table.Columns[i].AlignRight, i == shown[^1], Tone.Reverse);
        List<TopLine> lines = [width is > 0 and < int.MaxValue ? heading.Pad(width, Tone.Reverse) : heading];
        foreach (TopCell[] row in table.Rows.Skip(current.Scroll).Take(rows))
        {
            var line = new TopLine();
            foreach (int i in shown) Cell(line, row[i].Text, i == shown[^1] ? int.MaxValue : widths[i], table.Columns[i].AlignRight, i == shown[^1], row[i].Tone, widths[i]);
            lines.Add(line);
        }
        if (table.Rows.Count == 0) lines.Add(new TopLine().Add(current.Filter.Length > 0 ? "Nothing matches the filter." : "Nothing yet.", Tone.Dim));
        return lines;
    }

    private string Heading(TopTable table, int column)
    {
        string heading = table.Columns[column].Heading;
        if (column != state.Current.Sort) return heading;
        return heading + (state.Current.Descending ? unicode ? "↓" : "-" : unicode ? "↑" : "+");
    }

    // Columns in their order, without those of the highest rank where there is no room for all.
    private static List<int> Fitting(TopTable table, int[] widths, int width)
    {
        List<int> shown = [.. Enumerable.Range(0, table.Columns.Count)];
        while (shown.Count > 2 && width > 0 && shown.Sum(i => widths[i] + 1) - 1 > width)
        {
            int least = shown.MaxBy(i => (table.Columns[i].Rank * 100) + i);
            if (table.Columns[least].Rank == 0) break;
            shown.Remove(least);
        }
        return shown;
    }

    private void Cell(TopLine line, string text, int width, bool right, bool last, Tone tone, int padTo = 0)
    {
        string cut = SafeText.Cut(text, width, unicode ? "…" : "+");
        int padding = Math.Max(0, (padTo > 0 ? padTo : width) - SafeText.Width(cut));
        if (right) line.Add(new string(' ', padding), tone == Tone.Reverse ? tone : Tone.Plain);
        line.Add(cut, tone);
        if (!right && !last) line.Add(new string(' ', padding), tone == Tone.Reverse ? tone : Tone.Plain);
        if (!last) line.Add(" ", tone == Tone.Reverse ? tone : Tone.Plain);
    }

    private static IEnumerable<TopLine> Help() =>
        TopKeys.Help.Select(h => new TopLine().Add("  ").Add(h.Keys, Tone.Bold).Pad(38).Add(h.What)).Prepend(new TopLine().Add("Keys", Tone.Reverse));

    private TopLine Keys() => state.Typing is not null
        ? new TopLine().Add("Enter", Tone.Bold).Add(" take it  ").Add("Esc", Tone.Bold).Add(" all rows")
        : new TopLine().Add("?", Tone.Bold).Add(" help  ").Add("1-5", Tone.Bold).Add(" screens  ").Add("s", Tone.Bold).Add(" sort  ").Add("r", Tone.Bold).Add(" reverse  ")
            .Add("/", Tone.Bold).Add(" filter  ").Add("Space", Tone.Bold).Add(" pause  ").Add("q", Tone.Bold).Add(" quit");
}
