using Google.Protobuf;
using Ogrt.Server.Cli;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Server;

public class SchedulerTextSpec
{
    [Theory]
    [InlineData("COMPLETED", 0, 0u, "completed")]
    [InlineData("FAILED", 3, 0u, "failed (exit 3)")]
    [InlineData("CANCELLED", null, 15u, "cancelled (SIGTERM)")]
    [InlineData("OUT_OF_MEMORY", 0, 9u, "out of memory (SIGKILL)")]
    [InlineData("REQUEUED", null, null, "requeued")]
    [InlineData("\u001b[2J", null, null, "\\x1b[2j")]
    [InlineData(null, 3, 0u, "exit 3")]
    [InlineData(null, null, null, "")]
    public void An_outcome_is_the_state_with_its_cause(string? state, int? exitCode, uint? signal, string text) =>
        Assert.Equal(text, SchedulerText.Outcome(state, exitCode, signal));

    [Fact]
    public void A_job_is_described_by_what_was_said_and_no_more()
    {
        Assert.Empty(SchedulerText.Lines(new SchedulerJob()));
        var job = new SchedulerJob
        {
            JobName = Text("a\u001bb"), Account = Text("physics"), Nodes = Text("n[1-4]"), NodeCount = 4, CpuCount = 1, ArrayJobId = Text("7"),
            ArrayTaskId = 3, State = Text("COMPLETED"), ExitCode = 0,
        };
        Assert.Equal(
            [("Name", "a\\x1bb"), ("Account", "physics"), ("Nodes", "n[1-4] (4 nodes, 1 processor)"), ("Array", "7, task 3"), ("Outcome", "completed")],
            SchedulerText.Lines(job));
    }

    [Fact]
    public void The_heading_of_a_tree_has_outcome_and_partition()
    {
        var output = new StringWriter();
        var record = new JobRecord
        {
            JobId = Text("7"), State = JobState.JobEnded, User = Text("ada"), HostCount = 1, Hosts = { Text("n1") },
            SchedulerJob = new SchedulerJob { Partition = Text("main"), State = Text("FAILED"), ExitCode = 3 },
        };
        new TreeText(new Terminal { Output = output, Error = TextWriter.Null }, new TreeOptions()).Write(record);
        Assert.StartsWith("7: ended, failed (exit 3), partition main, user ada, host n1", output.ToString(), StringComparison.Ordinal);
    }

    private static ByteString Text(string text) => ByteString.CopyFromUtf8(text);
}
