using Google.Protobuf;
using Ogrt.Server.Cli;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Server;

public class TreeTextSpec
{
    private readonly StringWriter _output = new();

    private Terminal Screen(int width = int.MaxValue, bool unicode = true, bool colour = false) =>
        new() { Output = _output, Error = TextWriter.Null, Width = width, Unicode = unicode, Colour = colour };

    private string Draw(JobRecord record, TreeOptions? options = null, Terminal? screen = null)
    {
        new TreeText(screen ?? Screen(), options ?? new TreeOptions()).Write(record);
        return _output.ToString();
    }

    [Fact]
    public void A_tree_has_a_row_for_each_place_with_counts_and_exec_chains() => Assert.Equal(
        """
        DEMO: running, user alice, host n1, 12 processes, 2 failed
        bash => srun
        ├─ make
        │  └─ 8*[sh => gcc]  2 failed, the last: exit 1
        └─ a.out

        """,
        Draw(Sample()));

    [Fact]
    public void A_screen_without_unicode_gets_ascii() => Assert.Equal(
        """
        DEMO: running, user alice, host n1, 12 processes, 2 failed
        bash => srun
        |- make
        |  `- 8*[sh => gcc]  2 failed, the last: exit 1
        `- a.out

        """,
        Draw(Sample(), screen: Screen(unicode: false)));

    [Fact]
    public void Rows_are_cut_to_the_width_and_say_so()
    {
        string[] rows = Draw(Sample(), screen: Screen(width: 20)).Split('\n');
        Assert.All(rows, r => Assert.True(SafeText.Width(r) <= 20));
        Assert.Equal("│  └─ 8*[sh => gcc]…", rows[3]);
        Assert.Equal("└─ a.out", rows[4]);
    }

    [Fact]
    public void No_cut_keeps_whole_rows() =>
        Assert.Contains("the last: exit 1", Draw(Sample(), new TreeOptions(Cut: false), Screen(width: 20)), StringComparison.Ordinal);

    [Fact]
    public void Siblings_that_differ_in_libraries_only_are_one_row_unless_expanded()
    {
        TreeBuilder tree = new TreeBuilder("J").Node(-1, 1, "/bin/make").Node(0, 3, "/usr/bin/gcc").Node(0, 4, "/usr/bin/gcc");
        string folded = Draw(tree.Record);
        Assert.Contains("└─ 7*[gcc]\n", folded, StringComparison.Ordinal);
        _output.GetStringBuilder().Clear();
        string expanded = Draw(tree.Record, new TreeOptions(Expand: true));
        Assert.Contains("├─ 3*[gcc]\n└─ 4*[gcc]\n", expanded, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_of_programs_cannot_reach_the_terminal_as_it_is()
    {
        TreeBuilder tree = new TreeBuilder("J\u001b]0;title\a").Node(-1, 1, "/bin/\u001b[2Jx\n└─ forged\u202e[red]");
        string text = Draw(tree.Record);
        Assert.DoesNotContain('\u001b', text);
        Assert.DoesNotContain('\a', text);
        Assert.DoesNotContain('\u202e', text);
        Assert.Contains(@"\x1b[2Jx\n└─ forged\u{202e}[red]", text, StringComparison.Ordinal);
        Assert.StartsWith(@"J\x1b]0;title\x07: ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_roots_without_a_seen_parent_are_explained_and_a_single_one_is_not()
    {
        TreeBuilder tree = new TreeBuilder("J").Node(-1, 1, "/bin/a");
        tree.Record.Nodes[0].Orphan = true;
        Assert.DoesNotContain("?", Draw(tree.Record), StringComparison.Ordinal);
        tree.Node(-1, 1, "/bin/b");
        tree.Record.Nodes[1].Orphan = true;
        string text = Draw(tree.Record);
        Assert.Contains("? b\n? Its parent was not seen", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_other_node_counts_and_is_explained()
    {
        TreeBuilder tree = new TreeBuilder("J").Node(-1, 2000, []);
        tree.Record.Nodes[0].Other = true;
        string text = Draw(tree.Record);
        Assert.Contains("other: 2000 processes\n'other' counts", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_a_signal_ended_says_which()
    {
        TreeBuilder tree = new TreeBuilder("J").Node(-1, 1, "/bin/a");
        tree.Record.Nodes[0].Failed = 1;
        tree.Record.Nodes[0].ExitSignal = 9;
        Assert.Contains("a  killed by SIGKILL\n", Draw(tree.Record), StringComparison.Ordinal);
    }

    [Fact]
    public void Colour_marks_what_failed_and_only_where_it_is_wanted()
    {
        Assert.DoesNotContain('\u001b', Draw(Sample()));
        Assert.Contains("\u001b[31m2 failed, the last: exit 1\u001b[0m", Draw(Sample(), screen: Screen(colour: true)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_with_wrong_references_is_drawn_all_the_same()
    {
        TreeBuilder tree = new TreeBuilder("J").Node(5, 1, "/bin/a").Node(1, 1, "/bin/b").Node(-7, 1, "/bin/c");
        tree.Record.Nodes[0].Images[0].Path = 999;
        string text = Draw(tree.Record);
        Assert.Contains("(unknown)\nb\nc\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_of_twenty_thousand_parents_is_drawn()
    {
        var tree = new TreeBuilder("J");
        for (int i = 0; i < 20_000; i++) tree.Node(i - 1, 1, $"/bin/p{i % 7}");
        string text = Draw(tree.Record, new TreeOptions(Expand: true));
        Assert.Equal(20_001, text.AsSpan().Count('\n'));
        using var json = new MemoryStream();
        TreeJson.Write(json, tree.Record);
        Assert.True(json.Length > 0);
    }

    private static JobRecord Sample()
    {
        JobRecord record = new TreeBuilder("DEMO")
            .Node(-1, 1, "/bin/bash", "/usr/bin/srun")
            .Node(0, 1, "/usr/bin/make")
            .Node(1, 8, "/bin/sh", "/usr/bin/gcc")
            .Node(0, 1, "/home/alice/a.out").Record;
        record.State = JobState.JobRunning;
        record.User = ByteString.CopyFromUtf8("alice");
        record.Hosts.Add(ByteString.CopyFromUtf8("n1"));
        record.HostCount = 1;
        record.ProcessCount = 12;
        record.FailedCount = 2;
        record.Nodes[2].Failed = 2;
        record.Nodes[2].Ended = 8;
        record.Nodes[2].ExitCode = 1;
        return record;
    }

    private sealed class TreeBuilder
    {
        public TreeBuilder(string job) => Record.JobId = ByteString.CopyFromUtf8(job);

        public JobRecord Record { get; } = new();

        public TreeBuilder Node(int parent, ulong count, params string[] chain)
        {
            var node = new JobNode { Parent = parent, Count = count };
            foreach (string path in chain)
            {
                node.Images.Add(new JobImage { Path = (uint)Record.Text.Count });
                Record.Text.Add(ByteString.CopyFromUtf8(path));
            }
            Record.Nodes.Add(node);
            return this;
        }
    }
}
