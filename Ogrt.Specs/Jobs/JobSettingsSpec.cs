using Akka.Configuration;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Jobs;

namespace Ogrt.Specs.Jobs;

public class JobSettingsSpec
{
    private static JobSettings Create(string hocon) =>
        JobSettings.Create(ConfigurationFactory.ParseString(hocon).WithFallback(OgrtCluster.Reference()));

    [Fact]
    public void The_defaults_are_those_of_reference_conf()
    {
        JobSettings settings = Create("");
        Assert.Equal("default", settings.Cluster);
        Assert.Equal(100, settings.Shards);
        Assert.Equal(TimeSpan.FromSeconds(5), settings.SnapshotInterval);
        Assert.Equal(TimeSpan.FromSeconds(1), settings.RecordDelay);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.RecordInterval);
        Assert.Equal(TimeSpan.FromMinutes(10), settings.QuietAfter);
        Assert.Equal(TimeSpan.FromHours(24), settings.IdleTimeout);
        Assert.Equal(TimeSpan.FromMinutes(5), settings.Linger);
        Assert.Equal(WithoutJobId.Pseudo, settings.WithoutId);
        Assert.Equal(["UNKNOWN"], settings.IdsThatMeanNone);
        Assert.Equal(JobLimits.Default, settings.Limits);
        Assert.Equal(64 << 20, settings.FeedWindow);
        Assert.Equal(1 << 30, settings.FeedUnsaved);
        Assert.Equal(64 << 10, settings.FeedBatchSize);
        Assert.Equal(2 << 20, settings.FeedReadSize);
        Assert.Equal(TimeSpan.FromMilliseconds(20), settings.FeedLinger);
        Assert.Equal(TimeSpan.FromSeconds(20), settings.ResendAfter);
        Assert.Equal(TimeSpan.FromSeconds(5), settings.QueryTimeout);
        Assert.Equal(Path.Combine("var", "snapshots"), settings.SnapshotDirectory);
        Assert.Equal(SnapshotStoreKind.Local, settings.SnapshotStore);
        Assert.True(settings.SnapshotSync);
        Assert.Equal(2, settings.SnapshotsKept);
        Assert.Equal(TimeSpan.FromDays(400), settings.SnapshotAge);
    }

    [Fact]
    public void Snapshots_are_below_the_data_directory_unless_told_otherwise()
    {
        Assert.Equal("/d/snapshots", Create("ogrt.data-directory = /d").SnapshotDirectory);
        Assert.Equal("/s", Create("ogrt { data-directory = /d, jobs.snapshots.directory = /s }").SnapshotDirectory);
    }

    [Theory]
    [InlineData("ogrt.cluster = a/b", "ogrt.cluster")]
    [InlineData("ogrt.jobs.shards = 0", "ogrt.jobs.shards")]
    [InlineData("ogrt.jobs.without-id = maybe", "ogrt.jobs.without-id")]
    [InlineData("ogrt.jobs.idle-timeout = 1 s", "ogrt.jobs.idle-timeout")]
    [InlineData("ogrt.jobs.feed.window = 1 KiB", "ogrt.jobs.feed.window")]
    [InlineData("ogrt.jobs.feed.unsaved = 1 MiB", "ogrt.jobs.feed.unsaved")]
    [InlineData("ogrt.jobs.feed.resend-after = 1 s", "ogrt.jobs.feed.resend-after")]
    [InlineData("ogrt.jobs.snapshots.keep = 0", "ogrt.jobs.snapshots.keep")]
    public void An_impossible_value_is_named(string hocon, string key)
    {
        var e = Assert.Throws<ConfigurationException>(() => Create(hocon));
        Assert.Contains(key, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Disable")]
    [InlineData(";GSS Encryption Mode=Prefer", "Prefer")]
    [InlineData(";gssencryptionmode=Require", "Require")]
    public void A_connection_to_the_database_asks_Kerberos_only_where_it_is_told_to(string said, string expected)
    {
        JobSettings settings = Create($"ogrt.jobs.snapshots {{\n store = postgresql\n postgresql.connection = \"Host=db;Database=ogrt;Username=ogrt{said}\"\n }}");
        Assert.Contains("GSS Encryption Mode=" + expected, settings.PostgreSql!.ConnectionString, StringComparison.Ordinal);
    }
}
