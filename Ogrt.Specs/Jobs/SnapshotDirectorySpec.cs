using Ogrt.Actors.Jobs;

namespace Ogrt.Specs.Jobs;

public sealed class SnapshotDirectorySpec : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly SnapshotDirectory _directory;

    public SnapshotDirectorySpec() => _directory = new SnapshotDirectory(_temp["snapshots"], sync: true);

    public void Dispose() => _temp.Dispose();

    private void Write(string id, long sequence, params byte[] payload) =>
        _directory.Write(id, sequence, DateTime.UtcNow, new SnapshotContent(id, 1, "m", payload));

    [Theory]
    [InlineData("default/1")]
    [InlineData("")]
    [InlineData("../../etc/passwd\0\n")]
    public void A_snapshot_is_read_as_it_was_written(string id)
    {
        Write(id, 1, 1, 2, 3);
        Write(id, 2, 4);

        Assert.Equal([2, 1], _directory.List(id).Select(s => s.SequenceNr));
        SnapshotContent? content = SnapshotDirectory.Read(_directory.List(id)[1]);
        Assert.Equal((id, 1, "m"), (content!.PersistenceId, content.SerializerId, content.Manifest));
        Assert.Equal([1, 2, 3], content.Payload);
    }

    [Fact]
    public void A_damaged_or_cut_snapshot_is_set_aside_wherever_the_damage_is()
    {
        Write("a", 1, 1, 2, 3);
        string path = _directory.List("a")[0].Path;
        byte[] good = File.ReadAllBytes(path);
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = [.. good];
            bad[i] ^= 0x40;
            File.WriteAllBytes(path, i % 2 == 0 ? bad : good[..i]);
            Assert.Null(SnapshotDirectory.Read(new StoredSnapshot(path, 1, DateTime.UtcNow)));
            Assert.False(File.Exists(path));
        }
    }

    [Fact]
    public void Snapshots_are_readable_by_their_owner_alone()
    {
        Write("a", 1, 1);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory.List("a")[0].Path));
    }

    [Fact]
    public void A_claim_stays_as_long_as_a_snapshot_of_its_job_and_goes_then()
    {
        Assert.Equal(1, _directory.Claim("a"));
        Write("a", (1L << 32) + 1, 1);
        string claim = Assert.Single(Directory.EnumerateFiles(_temp["snapshots"], "*.claim", SearchOption.AllDirectories));
        File.SetLastWriteTimeUtc(claim, DateTime.UtcNow.AddDays(-10));
        Assert.Single(_directory.Sweep(DateTime.UtcNow.AddDays(-5)));
        Assert.Equal(1, _directory.NewestClaim("a"));

        _directory.Delete("a", _ => true);
        Assert.Empty(_directory.Sweep(DateTime.UtcNow.AddDays(-20)));
        Assert.Equal(1, _directory.NewestClaim("a"));
        Assert.Empty(_directory.Sweep(DateTime.UtcNow.AddDays(-5)));
        Assert.Equal(0, _directory.NewestClaim("a"));
    }

    [Fact]
    public void A_claim_comes_after_what_snapshots_say_where_the_claims_are_gone()
    {
        Write("a", (5L << 32) + 7, 1);
        Assert.Equal(6, _directory.Claim("a"));
        Assert.Equal(7, _directory.Claim("a"));
    }

    [Fact]
    public void What_is_stored_of_the_cluster_and_cannot_be_read_is_told()
    {
        Assert.Equal(("main", 100), _directory.Agree("main", 100));
        Assert.Equal(("main", 100), _directory.Agree("other", 7));
        string path = Path.Combine(_temp["snapshots"], "cluster.agreement");
        File.WriteAllText(path, "shards many\ncluster main\n");
        Assert.Contains(path, Assert.Throws<StoreMismatchException>(() => _directory.Agree("main", 100)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deleting_leaves_the_others()
    {
        Write("a", 1, 1);
        Write("a", 2, 1);
        Write("b", 1, 1);
        _directory.Delete("a", s => s.SequenceNr <= 1);

        Assert.Equal(2, Assert.Single(_directory.List("a")).SequenceNr);
        Assert.Single(_directory.List("b"));
    }

    [Fact]
    public void A_sweep_gives_the_newest_of_each_and_removes_what_is_old_or_half_done()
    {
        Write("a", 1, 1);
        Write("a", 2, 2);
        _directory.Write("old", 1, DateTime.UtcNow.AddDays(-10), new SnapshotContent("old", 1, "m", [3]));
        string half = Path.Combine(Path.GetDirectoryName(_directory.List("a")[0].Path)!, "x.snapshot.1-1.tmp");
        File.WriteAllText(half, "");
        File.SetLastWriteTimeUtc(half, DateTime.UtcNow.AddHours(-2));

        SnapshotContent swept = Assert.Single(_directory.Sweep(DateTime.UtcNow.AddDays(-1)));
        Assert.Equal([2], swept.Payload);
        Assert.Empty(_directory.List("old"));
        Assert.False(File.Exists(half));
    }
}
