using System.Text.Json;
using Ogrt.Specs.Shim;
using Ogrt.Specs.Shim.Execs;

namespace Ogrt.Specs.EndToEnd;

/// <summary>Real programs under the preload library and a real server, with strace as the judge of what ran.</summary>
/// <remarks>The package that is built is the preload library itself. Its <c>configure</c> runs one program without the
/// library, as programs with AddressSanitizer refuse to start under any.</remarks>
[Collection(ShimCollection.Name)]
public sealed class TrackedProgramsSpec(ShimFixture shim)
{
    private const string RunsUntracked = "probe";
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_interactive_shell_is_what_strace_saw() =>
        await Compare("SHELL", "/bin/bash", ["--norc", "-i"], """
            ls / | head -3
            (true; /bin/true; (/bin/true))
            for i in 1 2 3; do /bin/echo $i; done
            /bin/sh -c '/bin/true & /bin/true & wait'
            exec /bin/sh -c 'date > /dev/null; exec /bin/true'

            """);

    [Fact]
    public async Task A_parallel_build_of_a_package_is_what_strace_saw()
    {
        string folder = shim.NewFolder();
        await Compare("BUILD", "/bin/sh", ["-ec", $"cd {folder}; {shim.Source}/configure --prefix={folder}/prefix; make -j4 install"], "");
    }

    [Fact]
    public async Task Python_and_its_children_are_what_strace_saw() =>
        await Compare("PYTHON", Path.Combine("/usr/bin", Command.Require("python3")), ["-c", """
            import os, subprocess
            for _ in range(10):
                subprocess.run(["true"])
            subprocess.run("echo shell | cat > /dev/null", shell=True)
            child = os.fork()
            if child == 0:
                os.execv("/bin/echo", ["echo", "from a fork"])
            os.waitpid(child, 0)
            """], "");

    [Fact]
    public async Task Hundreds_of_short_children_are_what_strace_saw()
    {
        (_, JsonElement tree) = await Compare("MANY", "/bin/sh", ["-c", """
            i=0
            while [ $i -lt 100 ]; do /bin/true & /bin/true & /bin/echo $i > /dev/null; wait; i=$((i + 1)); done
            """], "");

        // Alike siblings are one node: the shell, 200 times true, and the echoes.
        Assert.InRange(NodeCount(tree.GetProperty("nodes")), 3, 5);
    }

    [Fact]
    public async Task Static_programs_are_what_strace_saw()
    {
        string program = ExecPrograms.Static(shim);
        (IReadOnlyList<JsonElement> processes, JsonElement tree) = await Compare("STATIC", "/bin/bash", ["--norc", "-i"], $"""
            {program} child
            (exec {program} exec)
            /bin/sh -c 'exec {program} chain'
            true

            """, ExecPrograms.Library(shim));

        Assert.Equal(3, processes.Count(process => process.GetProperty("binpath").GetString() == program));
        // The last of them is the second image of the shell that became it.
        string text = tree.GetRawText();
        Assert.Contains("chain", text, StringComparison.Ordinal);
    }

    private async Task<(IReadOnlyList<JsonElement> Processes, JsonElement Tree)> Compare(
        string job, string program, string[] arguments, string input, string? library = null)
    {
        Command.Require("strace");
        await using ServerProcess server = await ServerProcess.StartAsync([], Cancellation);
        StraceLog log = Trace(server, job, program, arguments, input, library ?? shim.Tcp);

        IReadOnlyList<JsonElement> processes = await ArrivedAsync(server, job, log.Execs.Count);

        Assert.Equal(Images(log.Execs.Select(e => (e.Pid, Executable.NameOf(e.Path)))), Images(processes.Select(ImageOf)));
        Assert.All(processes, process => AssertParent(process, log));
        int count = log.Execs.Select(e => e.Pid).Distinct().Count();
        JsonElement tree = await server.UntilAsync(() => TreeAsync(server, job), t => ProcessCount(t) >= count, Cancellation);
        Assert.Equal(count, ProcessCount(tree));
        return (processes, tree);
    }

    /// <summary>The processes of the job once there are as many as expected, or, when that does not come to pass, what there
    /// is: the comparison that follows then says what is missing.</summary>
    private static async Task<IReadOnlyList<JsonElement>> ArrivedAsync(ServerProcess server, string job, int expected)
    {
        try
        {
            return await server.UntilAsync(() => server.ProcessesAsync(job, Cancellation), p => p.Count >= expected, Cancellation);
        }
        catch (TimeoutException)
        {
            return await server.ProcessesAsync(job, Cancellation);
        }
    }

    private StraceLog Trace(ServerProcess server, string job, string program, string[] arguments, string input, string library)
    {
        string file = Path.Combine(shim.NewFolder(), "strace.log");
        string[] variables = [$"LD_PRELOAD={library}", "OGRT_ACTIVE=yes", $"OGRT_SERVER=127.0.0.1:{server.Port}", $"JOBID={job}"];
        using System.Diagnostics.Process traced = Command.Start("strace",
            ["-f", "-o", file, "-s", "4096", "-e", "trace=execve,execveat,clone,clone3,fork,vfork",
                .. variables.SelectMany(variable => new[] { "-E", variable }), program, .. arguments],
            [], shim.NewFolder());
        traced.StandardInput.Write(input);
        traced.StandardInput.Close();
        Command.Finish(traced).Succeeded();
        return StraceLog.Read(file, exec => Path.GetFileName(exec.Path) != RunsUntracked);
    }

    private static async Task<JsonElement> TreeAsync(ServerProcess server, string job)
    {
        using JsonDocument document = JsonDocument.Parse(await server.CommandAsync(["tree", job, "--json"], Cancellation));
        return document.RootElement.Clone();
    }

    private static int ProcessCount(JsonElement tree) => tree.GetProperty("process_count").GetInt32();

    private static int NodeCount(JsonElement nodes) => nodes.EnumerateArray()
        .Sum(node => 1 + (node.TryGetProperty("children", out JsonElement children) ? NodeCount(children) : 0));

    private static (int Pid, string Name) ImageOf(JsonElement process) =>
        (process.GetProperty("pid").GetInt32(), Path.GetFileName(process.GetProperty("binpath").GetString()!));

    /// <summary>The names of the images of each process, in one line a process: what is compared and, when it differs, shown.</summary>
    private static IEnumerable<string> Images(IEnumerable<(int Pid, string Name)> images) => images
        .GroupBy(image => image.Pid).OrderBy(group => group.Key)
        .Select(group => $"{group.Key}: {string.Join(' ', group.Select(image => image.Name).Order(StringComparer.Ordinal))}");

    /// <summary>A process names the parent that forked it, or, where that one had ended before, who took it over.</summary>
    private static void AssertParent(JsonElement process, StraceLog log)
    {
        int pid = process.GetProperty("pid").GetInt32(), parent = process.GetProperty("parent_pid").GetInt32();
        if (log.Parents.TryGetValue(pid, out int forked) && parent != 1)
            Assert.Equal(forked, parent);
    }
}
