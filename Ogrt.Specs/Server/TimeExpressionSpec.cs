using Ogrt.Server.Cli;

namespace Ogrt.Specs.Server;

public class TimeExpressionSpec
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 19, 41, 7, TimeSpan.FromHours(5.75));

    [Theory]
    [InlineData("now", "2026-11-23T19:41:07")]
    [InlineData("today", "2026-11-23T00:00:00")]
    [InlineData("midnight", "2026-11-23T00:00:00")]
    [InlineData("noon", "2026-11-23T12:00:00")]
    [InlineData("fika", "2026-11-23T15:00:00")]
    [InlineData("teatime", "2026-11-23T16:00:00")]
    [InlineData("now-2hours", "2026-11-23T17:41:07")]
    [InlineData("now-90", "2026-11-23T19:39:37")]
    [InlineData("now+1day", "2026-11-24T19:41:07")]
    [InlineData("NOW-1weeks", "2026-11-16T19:41:07")]
    [InlineData("08:15", "2026-11-23T08:15:00")]
    [InlineData("08:15:30", "2026-11-23T08:15:30")]
    [InlineData("0301", "2026-03-01T00:00:00")]
    [InlineData("030125", "2025-03-01T00:00:00")]
    [InlineData("03/01", "2026-03-01T00:00:00")]
    [InlineData("03/01/25-07:30", "2025-03-01T07:30:00")]
    [InlineData("03/01-07:30:05", "2026-03-01T07:30:05")]
    [InlineData("2026-01-02", "2026-01-02T00:00:00")]
    [InlineData("2026-01-02T03:04", "2026-01-02T03:04:00")]
    [InlineData("2026-01-02T03:04:05", "2026-01-02T03:04:05")]
    public void A_form_without_a_zone_is_a_local_time(string text, string expected)
    {
        Assert.True(TimeExpression.TryParse(text, Now, out DateTimeOffset time));
        Assert.Equal(expected, time.ToString("yyyy-MM-dd'T'HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(Now.Offset, time.Offset);
    }

    [Theory]
    [InlineData("@1456936066", "2016-03-02T16:27:46Z")]
    [InlineData("@0", "1970-01-01T00:00:00Z")]
    [InlineData("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z")]
    [InlineData("2026-01-02T03:04:05+01:00", "2026-01-02T02:04:05Z")]
    public void A_form_with_a_zone_or_an_epoch_is_that_very_time(string text, string expected)
    {
        Assert.True(TimeExpression.TryParse(text, Now, out DateTimeOffset time));
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterdayish")]
    [InlineData("25:00")]
    [InlineData("1301")]
    [InlineData("2026-13-01")]
    [InlineData("now-")]
    [InlineData("now-5fortnights")]
    [InlineData("now-999999999weeks")]
    [InlineData("@")]
    [InlineData("@999999999999999")]
    public void Anything_else_is_refused(string text) => Assert.False(TimeExpression.TryParse(text, Now, out _));
}
