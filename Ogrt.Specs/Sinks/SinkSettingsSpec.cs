using Akka.Configuration;
using Ogrt.Sinks;
using Ogrt.Sinks.JsonFile;
using Ogrt.Sinks.JsonLines;
using Ogrt.Sinks.Local;

namespace Ogrt.Specs.Sinks;

public sealed class SinkSettingsSpec
{
    [Fact]
    public void Without_configuration_there_is_the_local_store_and_a_disabled_file_sink()
    {
        IReadOnlyList<SinkSettings> sinks = SinkSettings.Create(SinksReference.Config);
        Assert.Equal([("json-file", "json-file", false), ("local", "local", true)], sinks.Select(s => (s.Name, s.Type, s.Enabled)));
    }

    [Fact]
    public void The_defaults_of_every_sink_are_those_that_are_documented()
    {
        SinkSettings sink = One("ogrt.sinks.mine { type = other }", "mine");
        Assert.False(sink.Enabled);
        Assert.Equal(4 << 20, sink.BatchBytes);
        Assert.Equal(5000, sink.BatchCount);
        Assert.Equal(TimeSpan.FromSeconds(1), sink.BatchLinger);
        Assert.Equal((2, 32L << 20, true), (sink.MaxInFlight, sink.MaxInFlightBytes, sink.AdaptiveConcurrency));
        Assert.Equal(JournalFullPolicy.Wait, sink.WhenFull);
        Assert.Equal((0.2, 100, TimeSpan.FromSeconds(60)), (sink.RefusalShare, sink.RefusalLeast, sink.RefusalWindow));
        Assert.Equal((5, 10), (sink.UnansweredHalve, sink.UnansweredGiveUp));
        Assert.Equal(TimeSpan.FromSeconds(60), sink.SendTimeout);
        Assert.Equal(TimeSpan.FromMilliseconds(200), sink.BackoffMin);
        Assert.Equal(TimeSpan.FromSeconds(30), sink.BackoffMax);
        Assert.Equal(TimeSpan.FromSeconds(60), sink.BackoffPaused);
        Assert.Equal(TimeSpan.FromSeconds(10), sink.StopTimeout);
        Assert.Equal("dead-letters/mine", sink.DeadLetterDirectory);
        Assert.Equal(1L << 30, sink.DeadLetterMaxSize);
    }

    [Fact]
    public void The_defaults_of_the_local_store_are_those_that_are_documented()
    {
        SinkSettings sink = One("", "local");
        Assert.Equal((1, TimeSpan.FromMilliseconds(500)), (sink.MaxInFlight, sink.BatchLinger));
        LocalStoreSettings local = LocalStoreSettings.Create(sink);
        Assert.Equal("store/ogrt.db", local.Path);
        Assert.Equal(StoreSync.Full, local.Synchronous);
        Assert.Equal(TimeSpan.FromDays(400), local.RetentionAge);
        Assert.Equal(16L << 30, local.RetentionSize);
        Assert.Equal(TimeSpan.FromSeconds(60), local.RetentionInterval);
        Assert.Equal(2000, local.RetentionStep);
        Assert.Equal(64L << 20, local.CheckSize);
        Assert.Equal(32L << 20, local.PageCache);
        Assert.Equal(65536, local.CacheEntries);
    }

    [Fact]
    public void The_defaults_of_a_file_sink_are_those_that_are_documented()
    {
        SinkSettings sink = One("", "json-file");
        Assert.Equal(1, sink.MaxInFlight);
        Assert.Equal(
            new JsonFileSettings
            {
                Directory = "json", Prefix = "ogrt", RotateSize = 256L << 20, Fsync = true, KeepFiles = 0, KeepAge = TimeSpan.Zero,
                Lines = new JsonLineSettings { Processes = true, ProcessEnds = true, JobEvents = true, JobRecords = true, JobTrees = false },
            },
            JsonFileSettings.Create(sink));
    }

    [Fact]
    public void A_sink_of_a_known_type_under_another_name_has_the_defaults_of_its_type()
    {
        IReadOnlyList<SinkSettings> sinks = Create("ogrt.sinks.archive { type = json-file, enabled = on, rotate-size = 1 MiB }");
        Assert.Equal(["archive", "json-file", "local"], sinks.Select(s => s.Name));
        SinkSettings sink = sinks[0];
        Assert.True(sink.Enabled);
        JsonFileSettings file = JsonFileSettings.Create(sink);
        Assert.Equal((1L << 20, "ogrt"), (file.RotateSize, file.Prefix));
        Assert.Equal("dead-letters/archive", sink.DeadLetterDirectory);
    }

    [Theory]
    [InlineData("local.batch-count = many", "ogrt.sinks.local.batch-count is \"many\"; it must be a whole number.")]
    [InlineData("local.batch-count = 0", "ogrt.sinks.local.batch-count is 0; it must be from 1 to 1000000.")]
    [InlineData("local.batch-bytes = -1", "ogrt.sinks.local.batch-bytes")]
    [InlineData("local.backoff-min = soon", "ogrt.sinks.local.backoff-min")]
    [InlineData("local.enabled = perhaps", "ogrt.sinks.local.enabled is \"perhaps\"; it must be on or off.")]
    [InlineData("local.dead-letters.max-size = 1 MiB", "ogrt.sinks.local.dead-letters.max-size")]
    [InlineData("x.enabled = on", "ogrt.sinks.x.type is missing")]
    [InlineData("\"../x\".type = local", "ogrt.sinks.../x")]
    public void A_wrong_value_is_named_with_its_path(string line, string expected)
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => Create("ogrt.sinks." + line));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("synchronous = sometimes", "it must be one of full, normal")]
    [InlineData("retention-step = 0", "retention-step is 0")]
    public void A_wrong_value_of_the_local_store_is_named_with_its_path(string line, string expected)
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(
            () => LocalStoreSettings.Create(One("ogrt.sinks.local." + line, "local")));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prefix = \"a/b\"", "prefix")]
    [InlineData("max-in-flight = 2", "max-in-flight must be 1")]
    public void A_wrong_value_of_a_file_sink_is_named_with_its_path(string line, string expected)
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(
            () => JsonFileSettings.Create(One("ogrt.sinks.json-file." + line, "json-file")));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static SinkSettings One(string config, string name) => Create(config).Single(s => s.Name == name);

    private static IReadOnlyList<SinkSettings> Create(string config) =>
        SinkSettings.Create(ConfigurationFactory.ParseString(config).WithFallback(SinksReference.Config));
}
