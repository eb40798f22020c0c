using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ogrt.Server.Cli.Watch;
using Ogrt.Server.Hosting;
using Ogrt.Server.Overview;

namespace Ogrt.Server.Cli.Top;

/// <summary>
/// <c>ogrt-server top</c> without a terminal: a line for each row of the screen that was chosen, with the time in front and tabs between,
/// or an object of JSON for each look.
/// </summary>
internal sealed class TopLines(ServerWatch watch, Terminal terminal, TopState state, TimeSpan delay)
{
    private const int LooksToAHeading = 20;

    /// <summary>Looks until the count is reached, or until it is stopped.</summary>
    /// <param name="count">How often; 0 for without end.</param>
    /// <param name="json">Whether objects are written.</param>
    /// <param name="page">Whether each look is an aligned page instead.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task<int> RunAsync(int count, bool json, bool page, CancellationToken cancel)
    {
        TopSample? last = null;
        for (int looks = 0; count == 0 || looks < count;)
        {
            try
            {
                last = TopSample.Next(await watch.OverviewAsync(TopLimits.Jobs, TopLimits.Nodes, cancel), last);
            }
            catch (CliException e) when (last is not null && e.ExitCode is ExitCode.Unavailable or ExitCode.TryLater)
            {
                // The server is started anew, maybe. The next look tells.
                terminal.Error.WriteLine(SafeText.Of($"{terminal.Program}: {e.Message}; trying again."));
                await Task.Delay(delay, terminal.Clock, cancel);
                continue;
            }
            // Only from the second look on there are rates.
            if (last.Before is not null)
            {
                Write(last, json, page, heading: looks % LooksToAHeading == 0);
                await terminal.Output.FlushAsync(cancel);
                if (++looks == count) break;
            }
            await Task.Delay(delay, terminal.Clock, cancel);
        }
        return ExitCode.Ok;
    }

    private void Write(TopSample sample, bool json, bool page, bool heading)
    {
        if (json) terminal.Output.WriteLine(Json(sample).ToJsonString());
        else if (page) WritePage(sample);
        else WriteRows(sample, heading);
    }

    private void WritePage(TopSample sample)
    {
        int width = terminal.IsInteractive ? terminal.Width : int.MaxValue;
        foreach (TopLine line in new TopRenderer(state, terminal.Unicode).Page(sample, width)) terminal.Output.WriteLine(
            terminal.Colour ? line.Render(width, colour: true, "…", dim: false) : SafeText.Cut(line.ToString(), width, terminal.Unicode ? "…" : "+"));
    }

    private void WriteRows(TopSample sample, bool heading)
    {
        TopState.PerScreen current = state.Current;
        TopTable table = new TopTables(sample, raw: true).Of(state.Screen).Arranged(current.Filter, current.Sort, current.Descending);
        string time = Durations.Utc(sample.Now.Time);
        if (heading) terminal.Output.WriteLine("TIME\t" + string.Join('\t', table.Columns.Select(c => c.Heading)));
        foreach (TopCell[] row in table.Rows) terminal.Output.WriteLine(time + "\t" + string.Join('\t', row.Select(c => c.Text)));
        foreach (LossView loss in sample.Now.Losses)
            terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time}\tlost\t{SafeText.Of(loss.Where)}\t{SafeText.Of(loss.Reason)}\t{loss.Count}"));
        foreach (RemainderView remainder in sample.Now.Unaccounted)
            terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time}\tunaccounted\t{SafeText.Of(remainder.Where)}\t{remainder.Remainder}"));
    }

    private static JsonObject Json(TopSample sample)
    {
        var json = (JsonObject)JsonSerializer.SerializeToNode(sample.Now, ControlJson.Options)!;
        json["seconds"] = Math.Round(sample.Seconds, 3);
        JsonArray pipeline = json["pipeline"]!.AsArray();
        for (int i = 0; i < pipeline.Count; i++)
        {
            StageView stage = sample.Now.Pipeline[i];
            StageView? before = sample.Earlier(stage);
            pipeline[i]!["in_rate"] = Rounded(sample.Rate(stage.In, before?.In));
            pipeline[i]!["out_rate"] = Rounded(sample.Rate(stage.Out, before?.Out));
        }
        return json;
    }

    private static double? Rounded(double? rate) => rate is { } known ? Math.Round(known, 3) : null;
}
