using System.Text;
using System.Text.Json;
using Ogrt.Sinks;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks;

public sealed class JsonFileSpec
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Enabled = "ogrt.sinks { local.enabled = off, json-file { enabled = on, batch-linger = 2 ms, backoff-min = 1 ms, backoff-paused = 5 ms } }\n";

    [Fact]
    public async Task A_record_of_each_kind_is_a_line_with_its_type_and_the_keys_that_OGRT_writes()
    {
        await using var server = new SinkServer(Enabled);
        ProcessInfo process = Frames.Process(1);
        server.Append([process, Frames.EndOf(process), new JobStart { JobId = "JOB", StartTime = 5 }, new JobEnd { JobId = "JOB", EndTime = 9 }, Frames.JobRecord()]);
        await server.StartAsync();
        await server.DeliveredAsync("json-file");
        List<JsonElement> lines = Lines(server);
        Assert.Equal(["process", "process_end", "job_start", "job_end", "job"], lines.Select(l => l.GetProperty("type").GetString()));
        string whole = Frames.Json(Frames.Frame(process), WireLayout.Current);
        Assert.StartsWith(whole[..^1], Text(server), StringComparison.Ordinal);
        Assert.Equal(1_700_000_001, lines[0].GetProperty("time").GetInt64());
        Assert.Equal(5, lines.Select(l => l.GetProperty("event_id").GetString()).Distinct().Count());
        Assert.Equal(32, lines[0].GetProperty("event_id").GetString()!.Length);
        Assert.Equal((9, 5), (lines[3].GetProperty("end_time").GetInt64(), lines[2].GetProperty("start_time").GetInt64()));
        Assert.Equal(("running", 10, 1_700_000_000), (lines[4].GetProperty("state").GetString(), lines[4].GetProperty("process_count").GetInt32(), lines[4].GetProperty("first_time").GetInt64()));
        Assert.False(lines[4].TryGetProperty("tree", out _));
    }

    [Fact]
    public async Task A_job_record_carries_its_tree_when_that_is_asked_for()
    {
        await using var server = new SinkServer(Enabled + "ogrt.sinks.json-file.job-trees = on");
        JobRecord job = Frames.JobRecord();
        job.SchedulerJob = new SchedulerJob { Account = Google.Protobuf.ByteString.CopyFromUtf8("physics"), ExitCode = 3, SubmitTimeNs = 1_700_000_000_900_000_000 };
        job.Text.AddRange(new[] { "/bin/sh", "node1", "gcc/13" }.Select(Google.Protobuf.ByteString.CopyFromUtf8));
        job.Nodes.Add(new JobNode { Parent = -1, Count = 2, Hosts = { 1 }, Modules = { 2, 99 }, Images = { new JobImage { Path = 0, Cmdline = 0, SharedObjects = { 1 } } } });
        server.Append([job]);
        await server.StartAsync();
        await server.DeliveredAsync("json-file");
        Assert.Equal("""{"account":"physics","exit_code":3,"submit_time":1700000000}""", Assert.Single(Lines(server)).GetProperty("scheduler_job").GetRawText());
        JsonElement node = Assert.Single(Lines(server)).GetProperty("tree")[0];
        Assert.Equal("/bin/sh", node.GetProperty("images")[0].GetProperty("binpath").GetString());
        Assert.Equal(["gcc/13", ""], node.GetProperty("loaded_modules").EnumerateArray().Select(m => m.GetString()));
    }

    [Fact]
    public async Task Kinds_that_are_switched_off_are_skipped()
    {
        await using var server = new SinkServer(Enabled + "ogrt.sinks.json-file { processes = off, job-records = off, job-events = off }");
        server.Append([Frames.Process(1), Frames.EndOf(Frames.Process(1)), Frames.JobRecord(), new JobStart { JobId = "J", StartTime = 1 }]);
        await server.StartAsync();
        await server.DeliveredAsync("json-file");
        Assert.Equal("process_end", Assert.Single(Lines(server)).GetProperty("type").GetString());
        Assert.Equal(new SinkCounts(4, 1, 0, 0, 3, 0), server.Sink("json-file").Metrics.Counts);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_a_dead_letter_with_the_reason()
    {
        await using var server = new SinkServer(Enabled);
        server.Append(RecordKind.Frame, Frames.Frame(FrameType.ProcessInfo, [0xff]));
        server.Append(RecordKind.JobRecord, [0xff, 0xff]);
        server.Append([Frames.Process(1)]);
        await server.StartAsync();
        await server.DeliveredAsync("json-file");
        Assert.Single(Lines(server));
        Assert.Equal(2, server.Sink("json-file").Metrics.Undecodable);
        await server.Host!.StopAsync();
        Assert.Equal(["truncated", "bad_job_record"], server.DeadLettersOf("json-file").Select(l => l.Reason));
    }

    [Fact]
    public async Task Files_and_their_directory_are_for_the_owner_alone()
    {
        await using var server = new SinkServer(Enabled);
        server.Append([Frames.Process(1)]);
        await server.StartAsync();
        await server.DeliveredAsync("json-file");
        Assert.Equal(Owner | UnixFileMode.UserExecute, Modes.Of(DirectoryOf(server)));
        Assert.All(Directory.GetFiles(DirectoryOf(server)), f => Assert.Equal(Owner, Modes.Of(f)));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_pauses_the_sink_until_it_can()
    {
        await using var server = new SinkServer(Enabled);
        Directory.CreateDirectory(server.DataDirectory);
        File.WriteAllText(DirectoryOf(server), "a file where the directory should be");
        server.Append([Frames.Process(1)]);
        await server.StartAsync();
        await SinkServer.UntilAsync(() => server.Sink("json-file").Phase == SinkPhase.Paused, () => server.Sink("json-file").State.ToString());
        Assert.Equal("no_directory", server.Sink("json-file").State.Reason);
        File.Delete(DirectoryOf(server));
        await server.DeliveredAsync("json-file");
        Assert.Single(Lines(server));
    }

    [Fact]
    public async Task After_a_restart_the_same_file_goes_on()
    {
        await using var server = new SinkServer(Enabled);
        server.Append([Frames.Process(1)]);
        await server.StartAsync();
        await server.DeliveredAsync("json-file");
        await server.RestartAsync();
        server.Append([Frames.Process(2)]);
        await server.DeliveredAsync("json-file");
        // The day may change between the two: then there are two files, and two lines all the same.
        Assert.Equal(2, Lines(server).Count);
    }

    private static string DirectoryOf(SinkServer server) => Path.Combine(server.DataDirectory, "json");

    private static string Text(SinkServer server) => string.Concat(
        Directory.GetFiles(DirectoryOf(server)).Order(StringComparer.Ordinal).Select(f => File.ReadAllText(f, Encoding.UTF8)));

    private static List<JsonElement> Lines(SinkServer server) =>
        [.. Text(server).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
}
