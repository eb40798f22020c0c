using Microsoft.Extensions.Logging;
using Ogrt.Server.Logging;

namespace Ogrt.Specs.Server;

public class StandardErrorLoggerSpec
{
    private static string Write(bool journald, LogLevel least, LogLevel level, string message, Exception? error = null)
    {
        var text = new StringWriter();
        using var provider = new StandardErrorLogger(text, least, journald, new FixedClock());
        provider.CreateLogger("Ogrt.Actors.Ingest.IngestActor").Log(level, default, message, error, static (m, _) => m);
        return text.ToString();
    }

    [Fact]
    public void A_line_has_time_level_part_and_message() => Assert.Equal(
        "2026-11-23T12:00:00.000Z info IngestActor: Listener tcp\n", Write(false, LogLevel.Information, LogLevel.Information, "Listener tcp"));

    [Theory]
    [InlineData(LogLevel.Information, 6)]
    [InlineData(LogLevel.Warning, 4)]
    [InlineData(LogLevel.Error, 3)]
    public void Under_journald_a_line_begins_with_its_level(LogLevel level, int priority) =>
        Assert.Equal($"<{priority}>IngestActor: x\n", Write(true, LogLevel.Information, level, "x"));

    [Fact]
    public void What_is_less_serious_than_asked_for_is_not_written() =>
        Assert.Empty(Write(false, LogLevel.Warning, LogLevel.Information, "x"));

    [Fact]
    public void A_message_stays_one_line_and_an_exception_is_a_sentence_of_it() => Assert.Equal(
        "<3>IngestActor: a\\nb\\x1b[2J [IOException: disk\\nfull]\n",
        Write(true, LogLevel.Information, LogLevel.Error, "a\nb\u001b[2J", new IOException("disk\nfull")));

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    }
}
