using System.Net;
using Microsoft.Extensions.Logging;
using Ogrt.Journal;
using Ogrt.Server.Configuration;

namespace Ogrt.Specs.Server;

public class SettingsSpec
{
    private static LoadedConfig Load(params string[] settings) => ConfigLoader.Load(new ConfigSources { Settings = settings });

    [Fact]
    public void The_servers_defaults_are_these() => Assert.Equal(
        new ServerSettings(
            Cluster: "default",
            DataDirectory: "var",
            HttpEnabled: true,
            HttpEndpoint: new IPEndPoint(IPAddress.Loopback, 7980),
            ControlPath: "var/ogrt.sock",
            ControlGroup: null,
            ControlTimeout: TimeSpan.FromSeconds(5),
            ShutdownTimeout: TimeSpan.FromSeconds(90),
            UnreadyTime: TimeSpan.Zero,
            FlushTimeout: TimeSpan.FromSeconds(10),
            LogLevel: LogLevel.Information),
        ServerSettings.Create(Load().Values));

    [Fact]
    public void The_journals_defaults_are_these_and_those_of_its_own_options()
    {
        JournalOptions options = JournalSettings.Create(Load().Values);
        Assert.Equal("var/journal", options.Directory);
        Assert.Equal(64L << 20, options.SegmentSize);
        Assert.Equal(8L << 30, options.MaxSize);
        Assert.Equal(SyncPolicy.Interval, options.Sync);
        Assert.Equal(TimeSpan.FromMilliseconds(100), options.SyncInterval);
        Assert.Equal(16 << 20, options.MaxRecordSize);
        Assert.True(options.Preallocate);
        Assert.Equal(TimeSpan.FromMilliseconds(250), options.RetryInterval);
        Assert.Equal(256 << 10, options.ReadBufferSize);
        Assert.Equal(8 << 20, options.TailMemory);
        var own = new JournalOptions { Directory = options.Directory };
        Assert.Equal(
            (own.SegmentSize, own.MaxSize, own.Sync, own.SyncInterval, own.MaxRecordSize, own.Preallocate, own.RetryInterval, own.ReadBufferSize, own.TailMemory),
            (options.SegmentSize, options.MaxSize, options.Sync, options.SyncInterval, options.MaxRecordSize, options.Preallocate, options.RetryInterval, options.ReadBufferSize, options.TailMemory));
    }

    [Theory]
    [InlineData("journal.segment-size=100", "--set ogrt.journal.segment-size: ogrt.journal.segment-size: SegmentSize must be at least 4096 bytes")]
    [InlineData("journal.sync=sometimes", "--set ogrt.journal.sync: ogrt.journal.sync: \"sometimes\" is not one of interval, always, never")]
    [InlineData("http.port=70000", "--set ogrt.http.port: ogrt.http.port: 70000 is not a port")]
    [InlineData("http.address=localhost", "--set ogrt.http.address: ogrt.http.address: \"localhost\" is not an IPv4 or IPv6 address")]
    [InlineData("cluster=a b", "--set ogrt.cluster: ogrt.cluster: a name of 1 to 64")]
    [InlineData("log.level=loud", "--set ogrt.log.level: ogrt.log.level: \"loud\" is not one of")]
    [InlineData("ingest.listeners.tcp.port=-1", "--set ogrt.ingest.listeners.tcp.port: ogrt.ingest.listeners.tcp.port: -1 is outside of 0 to 65535")]
    [InlineData("jobs.shards=0", "--set ogrt.jobs.shards: ogrt.jobs.shards must be between 1 and 10000")]
    [InlineData("cluster-node.seeds=a:1", "ogrt.cluster-node.port must be set when there are other nodes")]
    [InlineData("sinks.local.batch-count=0", "ogrt.sinks.local.batch-count")]
    public void An_impossible_value_is_named_with_its_place(string setting, string expected)
    {
        var problems = new List<ConfigProblem>();
        Assert.Null(RuntimeSettings.Create(Load(setting), problems));
        Assert.Contains(expected, problems[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_operators_file_of_the_repository_is_sound_and_says_what_the_defaults_say()
    {
        LoadedConfig file = ConfigLoader.Load(new ConfigSources { File = Path.Combine(Repository.Root, "ogrt.hocon") });
        LoadedConfig defaults = Load();
        Assert.Empty(file.Problems);
        foreach (ConfigEntry entry in defaults.Entries) Assert.Equal((entry.Path, defaults.Text(entry.Path)), (entry.Path, file.Text(entry.Path)));
    }
}
