using System.Globalization;
using System.Text.Json;
using Ogrt.Server.Hosting;
using Ogrt.Server.Metrics;
using Ogrt.Server.Overview;

namespace Ogrt.Server.Cli.Watch;

/// <summary>The looks of <c>ogrt-server metrics</c>: each prints what is there, or what has changed, with rates from the look before.</summary>
internal sealed class MetricLooks(ServerWatch watch, Terminal terminal, NamePattern? pattern, bool buckets, bool json, bool plain)
{
    private sealed record Look(DateTimeOffset Time, IReadOnlyList<MetricSample> Samples, OverviewView? Overview);

    /// <summary>Looks until the count is reached or it is stopped.</summary>
    public async Task<int> RunAsync(bool follow, TimeSpan delay, int count, CancellationToken cancel)
    {
        // The first look only is there for the rates of the second.
        Look before = await TakeAsync(cancel);
        bool any = before.Samples.Count > 0;
        for (int n = 0; follow ? count == 0 || n < count : n < Math.Max(count, 1); n++)
        {
            await Task.Delay(delay, terminal.Clock, cancel);
            Look now = await TakeAsync(cancel);
            any |= now.Samples.Count > 0;
            Print(now, before, onlyChanged: follow && n > 0);
            await terminal.Output.FlushAsync(cancel);
            before = now;
        }
        return any ? ExitCode.Ok : ExitCode.Found;
    }

    private async Task<Look> TakeAsync(CancellationToken cancel)
    {
        // The actors first: being asked, the server looks at them, and its metrics tell what it has seen.
        OverviewView? overview = pattern is null ? await watch.OverviewAsync(0, 0, cancel) : null;
        IReadOnlyList<MetricSample> all = await watch.MetricsAsync(cancel);
        return new Look(terminal.Clock.GetUtcNow(), [.. all.Where(Shown)], overview);
    }

    private bool Shown(MetricSample sample) =>
        (buckets || !sample.Name.EndsWith("_bucket", StringComparison.Ordinal))
        && (pattern is null || pattern.Matches(sample.Name) || pattern.Matches(sample.Name + Labels(sample)));

    private void Print(Look now, Look before, bool onlyChanged)
    {
        double seconds = (now.Time - before.Time).TotalSeconds;
        Dictionary<string, double> old = before.Samples.ToDictionary(s => s.Key, s => s.Value);
        var rows = now.Samples
            .Select(s => (Sample: s, Rate: s.IsCounter && seconds > 0 && old.TryGetValue(s.Key, out double was) && s.Value >= was ? (s.Value - was) / seconds : (double?)null))
            .Where(row => !onlyChanged || !old.TryGetValue(row.Sample.Key, out double was) || !was.Equals(row.Sample.Value)).ToList();
        if (json)
        {
            WriteJson(now, before, rows);
            return;
        }
        if (onlyChanged) terminal.Output.WriteLine(terminal.Paint(2, Durations.Local(now.Time)));
        var table = new TextTable(new TextTable.Column("METRIC"), new TextTable.Column("VALUE", true), new TextTable.Column("RATE/s", true), new TextTable.Column("LABELS"));
        foreach ((MetricSample sample, double? rate) in rows)
            table.Add(SafeText.Of(sample.Name), Number(sample.Value), rate is null ? Figures.Unknown : Figures.Rate(rate, raw: false), SafeText.Of(Labels(sample)));
        Write(table);
        if (now.Overview is null || before.Overview is null) return;
        terminal.Output.WriteLine();
        Write(ActorTable.Of(now.Overview.Actors, before.Overview.Actors, seconds));
    }

    private void Write(TextTable table)
    {
        if (plain) table.WriteTabs(terminal.Output);
        else table.Write(terminal);
    }

    private void WriteJson(Look now, Look before, List<(MetricSample Sample, double? Rate)> rows)
    {
        terminal.Output.WriteLine(JsonSerializer.Serialize(
            new
            {
                time = Durations.Utc(now.Time),
                metrics = rows.Select(row => new
                {
                    name = row.Sample.Name,
                    labels = row.Sample.Labels.ToDictionary(l => l.Key, l => l.Value),
                    // JSON has no number for these.
                    value = double.IsFinite(row.Sample.Value) ? row.Sample.Value : (double?)null,
                    rate = row.Rate,
                }),
                actors = now.Overview?.Actors,
            },
            ControlJson.Options));
    }

    private static string Labels(MetricSample sample) => sample.Labels.Count == 0
        ? ""
        : "{" + string.Join(',', sample.Labels.Select(l => $"{l.Key}=\"{l.Value}\"")) + "}";

    private static string Number(double value) => value.ToString(value == Math.Floor(value) && Math.Abs(value) < 1e15 ? "0" : "0.######", CultureInfo.InvariantCulture);
}
