using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Ogrt.Sinks;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks;

/// <summary>What sinks get of records, end to end: through a real sink of JSON lines.</summary>
public sealed class ShapedSinkSpec
{
    [Fact]
    public async Task Only_records_of_the_chosen_kinds_come()
    {
        List<JsonElement> lines = await LinesAsync("filter.kinds = [process-end, job]",
            Frames.Process(1), Frames.EndOf(Frames.Process(1)), Frames.JobRecord(), new JobStart { JobId = "JOB", StartTime = 1 });
        Assert.Equal(["process_end", "job"], lines.Select(l => l.GetProperty("type").GetString()));
    }

    [Theory]
    [InlineData("filter.only.job-ids = [\"4*\"]", new[] { 2 })]
    [InlineData("filter.except.job-ids = [\"4*\"]", new[] { 1, 3 })]
    [InlineData("filter.only.hosts = [node2]", new[] { 3 })]
    [InlineData("filter.only.paths = [\"/opt/**\"]", new[] { 2, 3 })]
    [InlineData("filter.except.paths = [\"/opt/*/bin/*\"]", new[] { 1, 3 })]
    [InlineData("filter.only.command-lines = [\"number [13]$\"]", new[] { 1, 3 })]
    [InlineData("filter.except.command-lines = [\"number [13]$\"]", new[] { 2 })]
    [InlineData("filter.only.users = [nobody]", new int[0])]
    [InlineData("filter.only.users = [\"us*\"]", new[] { 1, 2, 3 })]
    [InlineData("filter.only.paths = [\"/opt/**\"], filter.except.hosts = [node2]", new[] { 2 })]
    public async Task A_filter_lets_through_what_matches(string settings, int[] expected)
    {
        List<JsonElement> lines = await LinesAsync(settings,
            Frames.Process(1, "17", binpath: "/bin/app"),
            Frames.Process(2, "42", binpath: "/opt/x/bin/app"),
            Frames.Process(3, "17", host: "node2", binpath: "/opt/app"));
        Assert.Equal(expected, lines.Select(l => l.GetProperty("pid").GetInt32() - 1000));
    }

    [Fact]
    public async Task The_end_of_a_process_is_not_held_back_for_what_it_does_not_say()
    {
        List<JsonElement> lines = await LinesAsync("filter.only { paths = [\"/opt/**\"]\n hosts = [node1] }", Frames.EndOf(Frames.Process(1)), Frames.EndOf(Frames.Process(2, host: "node2")));
        Assert.Equal("node1", Assert.Single(lines).GetProperty("hostname").GetString());
    }

    [Fact]
    public async Task What_was_filtered_counts_as_skipped()
    {
        await using SinkServer server = Server("filter.only.hosts = [node2]");
        server.Append(Frames.Process(1), Frames.Process(2, host: "node2"));
        await server.StartAsync();
        await server.DeliveredAsync("files");
        SinkCounts counts = server.Sink("files").Metrics.Counts;
        Assert.Equal((2, 1, 1), (counts.Accepted, counts.Delivered, counts.Skipped));
        Assert.True(counts.IsConserved);
    }

    [Fact]
    public async Task The_environment_is_dropped_or_cut_down_to_names()
    {
        ProcessInfo process = Frames.Process(1);
        process.EnvironmentVariables.Add(["PATH=/bin", "SLURM_JOB_ID=4", "TOKEN=x", "NOTHING"]);
        Assert.Equal(["PATH=/bin", "SLURM_JOB_ID=4", "TOKEN=x", "NOTHING"], Environment(await LinesAsync("", process)));
        Assert.Equal(["PATH=/bin", "SLURM_JOB_ID=4"], Environment(await LinesAsync("fields.environment = [PATH, \"SLURM_*\"]", process)));
        JsonElement dropped = Assert.Single(await LinesAsync("fields.environment = []", process));
        Assert.False(dropped.TryGetProperty("environment_variables", out _));
        Assert.Equal("app --number 1", dropped.GetProperty("cmdline").GetString());
    }

    [Fact]
    public async Task Users_are_hashed_with_the_key_of_the_site_and_have_no_numbers_then()
    {
        using var folder = new TempDirectory();
        string first = folder.File("first"), second = folder.File("second");
        await File.WriteAllTextAsync(first, "0123456789abcdef0123456789abcdef\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(second, "another key of this site", TestContext.Current.CancellationToken);
        ProcessInfo process = Frames.Process(1);
        (process.Uid, process.Gid, process.EffectiveUid) = (1000, 100, 1000);

        List<JsonElement> lines = await LinesAsync($"fields.users = hash, fields.user-key-file = \"{first}\"", process, Frames.Process(2), Frames.JobRecord());
        string name = lines[0].GetProperty("username").GetString()!;
        Assert.Matches("^u-[0-9a-f]{16}$", name);
        Assert.All(lines, l => Assert.Equal(name, (l.TryGetProperty("username", out JsonElement user) ? user : l.GetProperty("user")).GetString()));
        Assert.All(["uid", "gid", "effective_uid"], field => Assert.False(lines[0].TryGetProperty(field, out _), field));

        List<JsonElement> other = await LinesAsync($"fields.users = hash, fields.user-key-file = \"{second}\"", process);
        Assert.NotEqual(name, other[0].GetProperty("username").GetString());
    }

    [Fact]
    public async Task A_key_that_is_missing_or_too_short_is_refused_before_anything_is_sent()
    {
        using var folder = new TempDirectory();
        string key = folder.File("key");
        Assert.Contains("user-key-file", Refused("fields.users = hash").Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(key, "short", TestContext.Current.CancellationToken);
        await using SinkServer server = Server($"fields.users = hash, fields.user-key-file = \"{key}\"");
        var error = await Assert.ThrowsAsync<Akka.Configuration.ConfigurationException>(server.StartAsync);
        Assert.Contains("holds 5 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("ogrt.sinks.files.fields.user-key-file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_can_be_dropped()
    {
        ProcessInfo process = Frames.Process(1);
        process.Uid = 1000;
        JsonElement line = Assert.Single(await LinesAsync("fields.users = drop", process));
        Assert.False(line.TryGetProperty("username", out _));
        Assert.False(line.TryGetProperty("uid", out _));
        Assert.Equal("node1", line.GetProperty("hostname").GetString());
    }

    [Fact]
    public async Task Secrets_are_blacked_out_in_the_command_line_in_arguments_and_in_the_environment()
    {
        ProcessInfo process = Frames.Process(1);
        process.Cmdline = "mysql --password hunter2 -v";
        process.Arguments.Add(["mysql", "--password", "hunter2", "-v"]);
        process.EnvironmentVariables.Add(["OPTIONS=--password=hunter2", "PATH=/bin"]);
        JsonElement line = Assert.Single(await LinesAsync("fields.secrets = [\"--password[= ](?<secret>[^ ]+)\"]", process));
        Assert.DoesNotContain("hunter2", line.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("mysql --password [redacted] -v", line.GetProperty("cmdline").GetString());
        Assert.Equal(["mysql", "--password", "[redacted]", "-v"], line.GetProperty("arguments").EnumerateArray().Select(a => a.GetString()));
        Assert.Equal(["OPTIONS=--password=[redacted]", "PATH=/bin"], Environment([line]));
    }

    [Fact]
    public async Task Everything_else_stays_as_it_was_sent()
    {
        ProcessInfo process = Frames.Process(1);
        process.EnvironmentVariables.Add("A=b");
        string plain = Assert.Single(await LinesAsync("", process)).GetRawText();
        string shaped = Assert.Single(await LinesAsync("fields.secrets = [nothing-of-this-kind]", process)).GetRawText();
        Assert.Equal(plain, shaped);
    }

    [Fact]
    public async Task Fields_of_the_oldest_layout_are_found_where_it_has_them()
    {
        // docs/wire.md: environment 308, arguments 309.
        byte[] payload = [.. Field(300, "/bin/app"), .. Field(306, "user"), .. Field(308, "TOKEN=x"), .. Field(309, "app"), .. Field(305, "JOB")];
        byte[] frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader((uint)FrameType.ProcessInfo, (uint)payload.Length).Write(frame);
        payload.CopyTo(frame, FrameHeader.Size);
        await using SinkServer server = Server("fields.environment = [], fields.users = drop");
        server.Append(RecordKind.FrameV03, frame);
        JsonElement line = Assert.Single(await LinesOfAsync(server));
        Assert.False(line.TryGetProperty("environment_variables", out _));
        Assert.False(line.TryGetProperty("username", out _));
        Assert.Equal(("JOB", "app"), (line.GetProperty("job_id").GetString(), line.GetProperty("arguments")[0].GetString()));
    }

    [Fact]
    public async Task A_sink_that_keeps_records_as_they_are_keeps_the_shaped_ones()
    {
        await using var server = new SinkServer("ogrt.sinks.local.fields.users = drop, ogrt.sinks.local.batch-linger = 1 ms");
        server.Append(Frames.Process(1));
        await server.StartAsync();
        await server.DeliveredAsync();
        await server.Host!.StopAsync();
        using var store = global::Ogrt.Sinks.Local.LocalStore.OpenRead(Path.Combine(server.DataDirectory, "store/ogrt.db"));
        string frames = string.Concat(store.GetFrames("JOB").Select(f => Encoding.Latin1.GetString(f.Bytes.Span)));
        Assert.Contains("node1", frames, StringComparison.Ordinal);
        Assert.DoesNotContain("user", frames.Replace("/home/user", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("filter.kinds = [proces]", "ogrt.sinks.files.filter.kinds has \"proces\"; the kinds are process, process-end, job-start, job-end and job.")]
    [InlineData("filter.only.command-lines = [\"(\"]", "ogrt.sinks.files.filter.only.command-lines has \"(\", which is no regular expression:")]
    public void What_cannot_be_read_is_refused_with_its_place(string settings, string message) =>
        Assert.StartsWith(message, Refused(settings).Message, StringComparison.Ordinal);

    private static Akka.Configuration.ConfigurationException Refused(string settings) =>
        Assert.Throws<Akka.Configuration.ConfigurationException>(() => Server(settings).Settings);

    private static IEnumerable<string?> Environment(List<JsonElement> lines) =>
        Assert.Single(lines).GetProperty("environment_variables").EnumerateArray().Select(v => v.GetString());

    private static byte[] Field(int number, string text)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream))
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteString(text);
        }
        return stream.ToArray();
    }

    private static SinkServer Server(string settings) =>
        new($"ogrt.sinks {{ local.enabled = off\n files {{ type = json-file, enabled = on, batch-linger = 1 ms\n {settings} }} }}");

    private static async Task<List<JsonElement>> LinesAsync(string settings, params IMessage[] messages)
    {
        await using SinkServer server = Server(settings);
        server.Append(messages);
        return await LinesOfAsync(server);
    }

    private static async Task<List<JsonElement>> LinesOfAsync(SinkServer server)
    {
        await server.StartAsync();
        await server.DeliveredAsync("files");
        await server.Host!.StopAsync();
        var lines = new List<JsonElement>();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(server.DataDirectory, "json"), "*.jsonl").Order(StringComparer.Ordinal))
            lines.AddRange((await File.ReadAllLinesAsync(file)).Select(l => JsonDocument.Parse(l).RootElement.Clone()));
        return lines;
    }
}
