using System.Text;
using CsCheck;
using Ogrt.Sinks;
using Ogrt.Sinks.JsonFile;

namespace Ogrt.Specs.Sinks;

public sealed class LineFilesSpec : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FixedTime _time = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Each_day_has_a_file_of_its_own()
    {
        using LineFiles files = Open();
        files.Append("one\n"u8.ToArray());
        _time.Now = _time.Now.AddDays(1);
        files.Append("two\n"u8.ToArray());
        Assert.Equal(["ogrt-20261123-0001.jsonl", "ogrt-20261124-0001.jsonl"], Names());
        Assert.Equal("two\n", Read("ogrt-20261124-0001.jsonl"));
    }

    [Fact]
    public void A_file_above_its_size_is_followed_by_the_next_number()
    {
        using LineFiles files = Open(rotateSize: 10);
        foreach (string line in (string[])["12345\n", "678\n", "9\n", "a line that is longer than a file may be\n", "b\n"])
            files.Append(Encoding.UTF8.GetBytes(line));
        Assert.Equal(["12345\n678\n", "9\n", "a line that is longer than a file may be\n", "b\n"], Names().Select(Read));
    }

    [Fact]
    public void The_newest_file_of_the_day_goes_on_after_a_restart()
    {
        using (LineFiles files = Open(rotateSize: 10))
        {
            files.Append("1234567\n"u8.ToArray());
            files.Append("12\n"u8.ToArray());
        }
        using LineFiles again = Open(rotateSize: 10);
        again.Append("34\n"u8.ToArray());
        Assert.Equal(["1234567\n", "12\n34\n"], Names().Select(Read));
    }

    [Fact]
    public void More_than_9999_files_of_a_day_keep_their_order()
    {
        File.WriteAllText(_directory.File("ogrt-20261123-9999.jsonl"), "full of lines\n");
        File.WriteAllText(_directory.File("ogrt-20261123-10000.jsonl"), "x\n");
        using LineFiles files = Open();
        files.Append("y\n"u8.ToArray());
        Assert.Equal("x\ny\n", Read("ogrt-20261123-10000.jsonl"));
    }

    [Fact]
    public void What_a_crash_left_of_a_line_is_cut_off_wherever_it_stopped()
    {
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 200_000]).Sample((lines, cut) =>
        {
            string whole = string.Concat(Enumerable.Range(0, lines).Select(n => new string((char)('a' + n), 40_000) + "\n"));
            cut = Math.Min(cut, whole.Length);
            string path = _directory.File("ogrt-20261123-0001.jsonl");
            File.WriteAllText(path, whole[..cut]);
            using (LineFiles files = Open())
            {
                Assert.Equal(cut - (whole[..cut].LastIndexOf('\n') + 1), files.TornBytes);
                files.Append("next\n"u8.ToArray());
            }
            Assert.Equal(whole[..(whole[..cut].LastIndexOf('\n') + 1)] + "next\n", File.ReadAllText(path));
        }, iter: 50, threads: 1);
    }

    [Theory]
    [InlineData("20261122")]
    [InlineData("20261124")]
    public void What_a_crash_left_of_a_line_is_cut_off_in_the_files_of_other_days_too(string day)
    {
        string other = _directory.File($"ogrt-{day}-0003.jsonl");
        File.WriteAllText(other, "whole\nhal");
        using LineFiles files = Open();
        Assert.Equal("whole\n", File.ReadAllText(other));
        Assert.Equal(3, files.TornBytes);
        Assert.EndsWith("ogrt-20261123-0001.jsonl", files.CurrentPath, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_leaves_no_half_line_and_the_same_lines_can_be_written_later()
    {
        bool full = false;
        using var files = new LineFiles(_directory.Path, "ogrt", 0, true, _time, (file, bytes, at) =>
        {
            RandomAccess.Write(file, (full ? bytes[..(bytes.Length / 2)] : bytes).Span, at);
            if (full)
                throw new IOException("No space left on device", 28);
        });
        files.Append("first\n"u8.ToArray());
        full = true;
        Assert.Equal(28, Assert.Throws<IOException>(() => files.Append("second\n"u8.ToArray())).HResult);
        Assert.Equal("first\n", Read("ogrt-20261123-0001.jsonl"));
        full = false;
        files.Append("second\n"u8.ToArray());
        Assert.Equal("first\nsecond\n", Read("ogrt-20261123-0001.jsonl"));
    }

    [Fact]
    public void A_device_without_space_says_so()
    {
        // /dev/full answers each write with ENOSPC (https://man7.org/linux/man-pages/man4/full.4.html).
        string path = _directory.File("ogrt-20261123-0001.jsonl");
        File.CreateSymbolicLink(path, "/dev/full");
        using LineFiles files = Open();
        Assert.Equal(28, Assert.Throws<IOException>(() => files.Append("x\n"u8.ToArray())).HResult);
        File.Delete(path);
        files.Append("x\n"u8.ToArray());
        Assert.Equal("x\n", Read("ogrt-20261123-0001.jsonl"));
    }

    [Fact]
    public void A_file_that_was_taken_away_is_made_anew()
    {
        using LineFiles files = Open();
        files.Append("one\n"u8.ToArray());
        File.Move(_directory.File("ogrt-20261123-0001.jsonl"), _directory.File("taken"));
        files.Append("two\n"u8.ToArray());
        Assert.Equal("one\n", Read("taken"));
        Assert.Equal("two\n", Read("ogrt-20261123-0001.jsonl"));
    }

    [Fact]
    public void A_file_that_was_renamed_and_replaced_is_written_no_more()
    {
        // logrotate with create: the name leads to a file, but not to ours.
        using LineFiles files = Open();
        files.Append("one\n"u8.ToArray());
        File.Move(_directory.File("ogrt-20261123-0001.jsonl"), _directory.File("rotated"));
        File.WriteAllText(_directory.File("ogrt-20261123-0001.jsonl"), "");
        files.Append("two\n"u8.ToArray());
        Assert.Equal("one\n", Read("rotated"));
        Assert.Equal("two\n", Read("ogrt-20261123-0001.jsonl"));
    }

    [Theory]
    [InlineData("", "two\n")]
    [InlineData("o", "two\n")]
    [InlineData("theirs\n", "theirs\ntwo\n")]
    [InlineData("one\ntheirs\n", "one\ntheirs\ntwo\n")]
    [InlineData("one\nhalf of the", "one\ntwo\n")]
    public void In_a_file_that_somebody_cut_or_wrote_lines_go_on_at_its_end_and_leave_no_hole(string theirs, string expected)
    {
        // logrotate with copytruncate, or a shell that appends.
        using LineFiles files = Open();
        files.Append("one\n"u8.ToArray());
        using (FileStream other = File.Open(_directory.File("ogrt-20261123-0001.jsonl"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            other.SetLength(0);
            other.Write(Encoding.UTF8.GetBytes(theirs));
        }
        files.Append("two\n"u8.ToArray());
        Assert.Equal(expected, Read("ogrt-20261123-0001.jsonl"));
        Assert.Equal(1, files.ForeignChanges);
    }

    [Fact]
    public void Lines_that_went_into_a_file_that_was_deleted_meanwhile_are_written_again()
    {
        string path = _directory.File("ogrt-20261123-0001.jsonl");
        using var files = new LineFiles(_directory.Path, "ogrt", 0, true, _time, (file, bytes, at) =>
        {
            if (bytes.Span.StartsWith("two"u8) && at > 0)
                File.Delete(path);
            RandomAccess.Write(file, bytes.Span, at);
        });
        files.Append("one\n"u8.ToArray());
        Assert.Equal("replaced", FileVerdicts.Of(Assert.ThrowsAny<IOException>(() => files.Append("two\n"u8.ToArray()))).Reason);
        files.Append("two\n"u8.ToArray());
        Assert.Equal("two\n", Read("ogrt-20261123-0001.jsonl"));
    }

    [Fact]
    public void A_directory_that_was_deleted_is_made_anew()
    {
        using var files = new LineFiles(_directory.File("deep/er"), "ogrt", 0, true, _time);
        files.Append("one\n"u8.ToArray());
        Directory.Delete(_directory.File("deep"), recursive: true);
        files.Append("two\n"u8.ToArray());
        Assert.Equal("two\n", Read("deep/er/ogrt-20261123-0001.jsonl"));
    }

    [Fact]
    public void Old_files_go_by_count_and_nothing_else_is_touched()
    {
        for (int n = 1; n <= 5; n++)
            File.WriteAllText(_directory.File($"ogrt-2026111{n}-0001.jsonl"), "x\n");
        foreach (string other in (string[])["ogrt-notes.jsonl", "ogrt-20261111-0001.jsonl.gz", "other-20261111-0001.jsonl", "ogrt-20261111-01.jsonl"])
            File.WriteAllText(_directory.File(other), "x\n");
        using LineFiles files = Open();
        files.Append("x\n"u8.ToArray());
        Assert.Equal(3, files.DeleteOld(2, TimeSpan.Zero));
        Assert.Equal(
            ["ogrt-20261111-0001.jsonl.gz", "ogrt-20261111-01.jsonl", "ogrt-20261114-0001.jsonl", "ogrt-20261115-0001.jsonl", "ogrt-20261123-0001.jsonl", "ogrt-notes.jsonl", "other-20261111-0001.jsonl"],
            Names());
    }

    [Fact]
    public void Old_files_go_by_age()
    {
        string old = _directory.File("ogrt-20261101-0001.jsonl"), young = _directory.File("ogrt-20261122-0001.jsonl");
        File.WriteAllText(old, "x\n");
        File.WriteAllText(young, "x\n");
        File.SetLastWriteTimeUtc(old, _time.Now.UtcDateTime.AddDays(-20));
        File.SetLastWriteTimeUtc(young, _time.Now.UtcDateTime.AddDays(-1));
        using LineFiles files = Open();
        files.Append("x\n"u8.ToArray());
        Assert.Equal(1, files.DeleteOld(0, TimeSpan.FromDays(7)));
        Assert.False(File.Exists(old));
        Assert.True(File.Exists(young));
    }

    private LineFiles Open(long rotateSize = 0)
    {
        var files = new LineFiles(_directory.Path, "ogrt", rotateSize, fsync: true, _time);
        files.Open();
        return files;
    }

    private List<string> Names() => [.. Directory.GetFiles(_directory.Path).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private string Read(string name) => File.ReadAllText(_directory.File(name));

    private sealed class FixedTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
