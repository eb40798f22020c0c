using Ogrt.Sinks;

namespace Ogrt.Specs.Sinks;

public sealed class NullSinkSpec
{
    [Theory]
    [InlineData("null")]
    [InlineData("\"null\"")]
    public async Task Everything_is_taken_counted_and_kept_nowhere(string type)
    {
        await using var server = new SinkServer($"ogrt.sinks {{ local.enabled = off, nothing {{ type = {type}, enabled = on, batch-linger = 2 ms }} }}");
        server.Append([Frames.Process(1), Frames.EndOf(Frames.Process(1)), Frames.JobRecord()]);
        server.Append(Ogrt.Wire.RecordKind.Frame, [1, 2, 3]);
        await server.StartAsync();
        await server.DeliveredAsync("nothing");
        Assert.Equal(new SinkCounts(4, 4, 0, 0, 0, 0), server.Sink("nothing").Metrics.Counts);
        Assert.False(Directory.Exists(server.DataDirectory));
    }

    [Fact]
    public async Task A_filter_holds_for_it_as_for_every_sink()
    {
        await using var server = new SinkServer("ogrt.sinks { local.enabled = off, nothing { type = \"null\", enabled = on, batch-linger = 2 ms, filter.kinds = [job] } }");
        server.Append([Frames.Process(1), Frames.JobRecord()]);
        await server.StartAsync();
        await server.DeliveredAsync("nothing");
        Assert.Equal(new SinkCounts(2, 1, 0, 0, 1, 0), server.Sink("nothing").Metrics.Counts);
    }
}
