using Google.Protobuf;
using Ogrt.Server.Cli;
using Ogrt.Specs.Sinks;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Server;

public class ExpandedTreeSpec
{
    private static ProcessInfo Process(int pid, int parent, string path, ulong ticks = 0, ulong parentTicks = 0, string host = "n1")
    {
        var process = new ProcessInfo { Pid = pid, ParentPid = parent, Binpath = path, Cmdline = path + " x", Hostname = host, JobId = "J" };
        if (ticks > 0) process.StartTicks = ticks;
        if (parentTicks > 0) process.ParentStartTicks = parentTicks;
        return process;
    }

    private static string Draw(params IMessage[] messages)
    {
        JobRecord record = ExpandedTree.Build(
            new JobRecord { JobId = ByteString.CopyFromUtf8("J") }, messages.Select(m => new StoredFrame(WireLayout.Current, Frames.Frame(m))))!;
        var output = new StringWriter();
        new TreeText(new Terminal { Output = output, Error = TextWriter.Null }, new TreeOptions(Expand: true)).Write(record);
        return string.Join('\n', output.ToString().Split('\n')[1..]);
    }

    [Fact]
    public void Each_process_is_a_row_below_its_parent_whatever_the_order_they_came_in() => Assert.Equal(
        """
        /bin/sh x  10
        ├─ /bin/cc x  11
        │  └─ /bin/as x  13
        └─ /bin/cc x  12

        """,
        Draw(Process(11, 10, "/bin/cc", 2, 1), Process(13, 11, "/bin/as", 4, 2), Process(12, 10, "/bin/cc", 3, 1), Process(10, 1, "/bin/sh", 1)));

    [Fact]
    public void An_exec_is_a_further_image_of_the_same_process() => Assert.Equal(
        "/bin/sh x => /bin/cc x  10\n",
        Draw(Process(10, 1, "/bin/sh", 5), Process(10, 1, "/bin/cc", 5)));

    [Fact]
    public void A_pid_that_is_used_again_is_another_process() => Assert.Equal(
        """
        /bin/sh x  10
        ├─ /bin/a x  11
        └─ /bin/b x  11

        """,
        Draw(Process(10, 1, "/bin/sh", 1), Process(11, 10, "/bin/a", 2, 1), Process(11, 10, "/bin/b", 9, 1)));

    [Fact]
    public void A_pid_that_no_process_can_have_is_not_in_the_tree() =>
        Assert.Equal("/bin/sh x  1\n", Draw(Process(0, 1, "/bin/a"), Process(1, 0, "/bin/sh"), Process(-1, 1, "/bin/b")).Replace("? ", "", StringComparison.Ordinal));

    [Fact]
    public void Without_start_ticks_a_pid_that_comes_again_much_later_is_another_process()
    {
        ProcessInfo At(long time, string path)
        {
            ProcessInfo process = Process(11, 10, path);
            process.Time = time;
            return process;
        }

        Assert.Equal("/bin/a x => /bin/b x  11\n", Draw(At(1000, "/bin/a"), At(1060, "/bin/b")));
        Assert.StartsWith("? /bin/a x  11\n? /bin/b x  11\n", Draw(At(1000, "/bin/a"), At(1061, "/bin/b")), StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_of_different_hosts_with_the_same_pid_are_kept_apart()
    {
        string text = Draw(Process(10, 1, "/bin/sh", 1), Process(11, 10, "/bin/a", 2, 1), Process(10, 1, "/bin/orted", 1, 0, "n2"));
        Assert.StartsWith("/bin/sh x  10\n└─ /bin/a x  11\n/bin/orted x  10\n", text.Replace("? ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Parents_in_a_circle_and_a_process_that_is_its_own_parent_are_shown()
    {
        string text = Draw(Process(10, 11, "/bin/a", 1, 2), Process(11, 10, "/bin/b", 2, 1), Process(12, 12, "/bin/c", 3, 3));
        Assert.Equal(3, text.Split('\n').Count(l => l.Contains("/bin/", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_end_tells_how_it_went()
    {
        ProcessInfo process = Process(10, 1, "/bin/a", 7);
        Assert.Equal("/bin/a x  exit 3  10\n", Draw(process, new ProcessEnd { Pid = 10, Hostname = "n1", StartTicks = 7, ExitCode = 3 }));
        Assert.Equal("/bin/a x  killed by SIGSEGV  10\n", Draw(process, new ProcessEnd { Pid = 10, Hostname = "n1", StartTicks = 7, ExitSignal = 11 }));
    }
}
