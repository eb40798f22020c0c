using System.Text;
using System.Text.Json;
using Ogrt.Wire;

namespace Ogrt.Specs.EndToEnd;

/// <summary>Names that are meant for a file system, a terminal or a table, and not for a job.</summary>
public sealed class BadInputNamesSpec
{
    private const string Escapes = "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\u2028\r\n\tJOB  root\0end";
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static readonly byte[][] JobIds =
    [
        Encoding.ASCII.GetBytes(new string('x', 10_000)),
        Encoding.ASCII.GetBytes(new string('/', 10_000)),
        "../../../../../../../../../../tmp/ogrt-escaped"u8.ToArray(), "../../etc/passwd"u8.ToArray(), "/etc/passwd"u8.ToArray(),
        "."u8.ToArray(), ".."u8.ToArray(), "/"u8.ToArray(), "%2e%2e%2f"u8.ToArray(), "--help"u8.ToArray(), " "u8.ToArray(),
        "line\nJOB-2  root  running"u8.ToArray(), "\n"u8.ToArray(), "tab\tstop"u8.ToArray(), "nul\0after"u8.ToArray(), "\0"u8.ToArray(),
        Encoding.UTF8.GetBytes(Escapes), [0xff, 0xfe, 0x41, 0xc3, 0x28], [0xed, 0xa0, 0x80], "'; DROP TABLE job; --"u8.ToArray(),
    ];

    [Fact]
    public async Task A_hostile_name_is_a_job_like_any_other_and_never_a_file_or_a_row_or_an_escape_sequence()
    {
        await using ServerProcess server = await DeepServerAsync();
        using BadInputClient client = new(server, Cancellation);
        await client.SendGoodAsync();
        for (int i = 0; i < JobIds.Length; i++)
        {
            byte[] frame = Hostile(JobIds[i], 100 + i);
            if (i % 2 == 0)
                await client.SendAsync(frame);
            else
                await client.SendDatagramAsync(frame);
            await client.SendGoodAsync();
        }
        await client.SendAsync(Hostile([], 99));
        await client.UntilAllArrivedAsync();

        // Those of the list, the job of the good frames, and the pseudo job of the process without one.
        IReadOnlyList<JsonElement> jobs = await server.UntilAsync(() => JobsAsync(server), list => list.Count >= JobIds.Length + 2, Cancellation);
        Assert.Equal(JobIds.Select(id => JobName.FromBytes(id)).Append(BadInputClient.Job).Append(PseudoJob).Order(),
            jobs.Select(job => job.GetProperty("job_id").GetString()!).Order());
        for (int i = 0; i < JobIds.Length; i++)
            await AssertPlainAsync(server, Encoding.UTF8.GetString(JobIds[i]), 100 + i);
        await AssertPlainAsync(server, PseudoJob, 99);
        await AssertTablesAsync(server, jobs.Count);
        await AssertDumpAsync(server);

        Assert.Empty(await server.RejectionsAsync(Cancellation));
        Assert.True(await server.IsReadyAsync(Cancellation));
        Assert.Equal(0, await server.StopAsync(Cancellation));
        AssertNoOtherFiles(server);
    }

    private static string PseudoJob => JobName.Pseudo(Encoding.UTF8.GetBytes(Escapes), new DateOnly(2025, 6, 15));

    /// <summary>A server whose data is so deep in its folder that a name with dots would still end up in there.</summary>
    private static Task<ServerProcess> DeepServerAsync() => ServerProcess.StartAsync(
        ["ogrt.sinks.json-file.enabled=on"], Cancellation, "a/b/c/d/e");

    private static byte[] Hostile(byte[] jobId, int pid) => RawMessage.Process(jobId, pid)
        .Text(300, "/bin/" + Escapes).Text(306, Escapes).Text(307, Escapes).Text(308, Escapes).Text(310, Escapes).Text(313, Escapes)
        .Text(309, Escapes + "=" + Escapes).Frame();

    private static async Task<IReadOnlyList<JsonElement>> JobsAsync(ServerProcess server)
    {
        (int code, string output, _) = await server.CommandHereAsync("jobs", "--json", "--limit", "0");
        if (code != 0)
            return [];
        using JsonDocument document = JsonDocument.Parse(output);
        JsonElement root = document.RootElement;
        return [.. (root.ValueKind == JsonValueKind.Array ? root : root.GetProperty("jobs")).EnumerateArray().Select(job => job.Clone())];
    }

    private static async Task AssertPlainAsync(ServerProcess server, string job, int pid)
    {
        JsonElement process = Assert.Single(await ServerAnswers.ProcessesAsync(server, job));
        Assert.Equal(pid, process.GetProperty("pid").GetInt32());
        Assert.Equal(Escapes, process.GetProperty("cmdline").GetString());
        JsonElement tree = (await ServerAnswers.TreeAsync(server, job))!.Value;
        Assert.Equal(pid, Assert.Single(ServerAnswers.Nodes(tree)).GetProperty("pid").GetInt32());
        string[][] commands = [["tree"], ["tree", "--expand"], ["tree", "--arguments"], ["tree", "--json"], ["tree", "--verbose"], ["job"]];
        foreach (string[] command in commands)
        {
            (int code, string output, string error) = await server.CommandHereAsync([.. command, "--", job]);
            Assert.True(code == 0, $"{string.Join(' ', command)}: {error}");
            if (command is [_, "--verbose"])
                Assert.Contains("From the running server.", error, StringComparison.Ordinal);
            ServerAnswers.AssertHarmless(output);
            ServerAnswers.AssertHarmless(error);
        }
        // An id that nobody has sent is said back to whoever asked.
        (int unknown, _, string said) = await server.CommandHereAsync("tree", "--", "no" + job);
        Assert.NotEqual(0, unknown);
        ServerAnswers.AssertHarmless(said);
    }

    private static async Task AssertTablesAsync(ServerProcess server, int count)
    {
        (_, string table, _) = await server.CommandHereAsync("jobs");
        ServerAnswers.AssertHarmless(table);
        Assert.Equal(count + 1, table.Count(c => c == '\n'));
        (_, string plain, _) = await server.CommandHereAsync("jobs", "--plain");
        ServerAnswers.AssertHarmless(plain, tabs: true);
        Assert.All(plain.TrimEnd('\n').Split('\n'), row => Assert.Equal(10, row.Count(c => c == '\t')));
    }

    private static async Task AssertDumpAsync(ServerProcess server)
    {
        (int code, string dump, string error) = await server.CommandHereAsync("journal", "dump");
        Assert.True(code == 0, error);
        ServerAnswers.AssertHarmless(dump, tabs: true);
        Assert.All(dump.TrimEnd('\n').Split('\n'), row => Assert.Equal(6, row.Count(c => c == '\t')));
        ServerAnswers.AssertHarmless(server.Said);
    }

    private static void AssertNoOtherFiles(ServerProcess server)
    {
        string root = server.DataDirectory.FullName;
        string[] files = [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file))];
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Matches("^a/b/c/d/e/[A-Za-z0-9_./~-]+$", file));
        Assert.DoesNotContain(files, file => file.Contains("passwd", StringComparison.Ordinal) || file.Contains("escaped", StringComparison.Ordinal));
        Assert.False(File.Exists("/tmp/ogrt-escaped"));
    }
}
