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
