using System.Globalization;
using System.Text;
using CsCheck;
using Ogrt.Sinks.Elasticsearch;

namespace Ogrt.Specs.Sinks.Elasticsearch;

public sealed class IndexNamesSpec
{
    private static readonly long Arrival = Ns("2026-11-25T12:00:00Z");

    [Theory]
    [InlineData("2026-11-25T00:00:00Z", IndexPeriod.Day, "p-2026.11.25")]
    [InlineData("2026-11-25T23:59:59.999Z", IndexPeriod.Day, "p-2026.11.25")]
    [InlineData("2024-02-29T10:00:00Z", IndexPeriod.Day, "p-2024.02.29")]
    [InlineData("2026-11-25T23:59:59Z", IndexPeriod.Month, "p-2026.11")]
    [InlineData("1969-12-31T23:59:59Z", IndexPeriod.Day, "p-1969.12.31")]
    public void A_name_ends_with_the_day_or_month_in_UTC(string time, IndexPeriod period, string name)
    {
        var names = new IndexNames("p", period, TimeSpan.Zero, TimeSpan.Zero);
        Assert.Equal(name, Encoding.ASCII.GetString(names.Of(Ns(time))));
        Assert.Equal(name, Encoding.ASCII.GetString(names.Of(Ns(time))));
    }

    [Theory]
    [InlineData("2026-11-25T12:00:01Z", true)]
    [InlineData("2026-11-26T12:00:00Z", true)]
    [InlineData("2026-11-26T12:00:01Z", false)]
    [InlineData("2026-11-18T12:00:00Z", true)]
    [InlineData("2026-11-18T11:59:59Z", false)]
    [InlineData("1970-01-01T00:00:00Z", false)]
    [InlineData("2262-01-01T00:00:00Z", false)]
    public void A_time_too_far_from_the_arrival_gives_way_to_it(string time, bool stays)
    {
        var names = new IndexNames("p", IndexPeriod.Day, TimeSpan.FromDays(7), TimeSpan.FromDays(1));
        Assert.Equal(stays ? Ns(time) : Arrival, names.Clamp(Ns(time), Arrival));
    }

    [Fact]
    public void Whatever_clocks_say_there_are_no_more_indices_than_days_that_are_allowed()
    {
        var made = new HashSet<string>();
        var names = new IndexNames("p", IndexPeriod.Day, TimeSpan.FromDays(2), TimeSpan.FromDays(1));
        Gen.Long.Sample(Make, iter: 20_000, threads: 1);
        Gen.Long[Arrival - 400_000_000_000_000, Arrival + 400_000_000_000_000]
            .Sample(Make, iter: 20_000, threads: 1);
        Assert.InRange(made.Count, 2, 4);

        void Make(long time) => made.Add(Encoding.ASCII.GetString(names.Of(names.Clamp(time, Arrival))));
    }

    private static long Ns(string time) =>
        (DateTimeOffset.Parse(time, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks * 100;
}
