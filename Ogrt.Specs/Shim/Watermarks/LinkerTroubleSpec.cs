using System.Diagnostics;

namespace Ogrt.Specs.Shim.Watermarks;

/// <summary>The wrapper around linkers, when something goes wrong: nobody must be able to tell that it is there.</summary>
[Collection(WatermarkCollection.Name)]
public sealed class LinkerTroubleSpec(ShimFixture shim)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly WatermarkTools _tools = new(shim);

    [Theory]
    [InlineData("bfd")]
    [InlineData("gold")]
    [InlineData("lld")]
    [InlineData("mold")]
    public void A_failing_link_says_what_it_says_without_the_wrapper(string linker)
    {
        Command.Require("ld." + linker);
        string folder = shim.NewFolder();
        File.WriteAllText(Path.Combine(folder, "a.c"), "int nowhere(void); int main(void) { return nowhere(); }");
        Command.Run("gcc", ["-c", "a.c"], [], folder).Succeeded();
        string[] arguments = ["-fuse-ld=" + linker, "a.o", "-o", "out"];
        CommandResult without = Command.Run("gcc", arguments, [], folder), with = Command.Run("gcc", arguments, [_tools.CompilerPath], folder);

        Assert.Equal(1, without.ExitCode);
        Assert.Contains("nowhere", without.Error, StringComparison.Ordinal);
        Assert.Equal(without.Error, with.Error);
        Assert.Equal(without.Output, with.Output);
        Assert.Equal(without.ExitCode, with.ExitCode);
        Assert.False(File.Exists(Path.Combine(folder, "out")));
    }

    [Fact]
    public void A_link_that_succeeds_with_warnings_says_them_once()
    {
        string folder = WithObject();
        string[] arguments = ["a.o", "-o", "out", "-Wl,--warn-common,-e,nowhere"];
        CommandResult without = Command.Run("gcc", arguments, [], folder), with = Command.Run("gcc", arguments, [_tools.CompilerPath], folder);

        Assert.Contains("cannot find entry symbol nowhere", without.Error, StringComparison.Ordinal);
        Assert.Equal(without.Error, with.Error);
        Assert.NotNull(_tools.WatermarkOf(Path.Combine(folder, "out")));
    }

    [Fact]
    public void A_link_that_fails_only_with_the_stamp_is_done_without()
    {
        string folder = WithObject();
        string linker = FakeLinker(folder, """
            for argument; do
                case $argument in
                /proc/self/fd/*) echo 'this is not for the user' | tee /dev/stderr; exit 3 ;;
                esac
            done
            exec /usr/bin/ld "$@"
            """);
        CommandResult result = Link(folder, linker).Succeeded();

        Assert.Empty(result.Error);
        Assert.Empty(result.Text);
        Assert.Null(_tools.WatermarkOf(Path.Combine(folder, "out")));
        Assert.Equal(0, Command.Run(Path.Combine(folder, "out")).ExitCode);
    }

    [Fact]
    public void A_linker_that_crashes_over_the_stamp_is_called_again_without()
    {
        string folder = WithObject();
        string linker = FakeLinker(folder, """
            for argument; do
                case $argument in
                /proc/self/fd/*) kill -SEGV $$ ;;
                esac
            done
            exec /usr/bin/ld "$@"
            """);
        Link(folder, linker).Succeeded();

        Assert.Null(_tools.WatermarkOf(Path.Combine(folder, "out")));
    }

    [Theory]
    [InlineData("exit 42", 42)]
    [InlineData("kill -KILL $$", 137)]
    [InlineData("kill -TERM $$", 143)]
    public void The_end_of_the_linker_is_the_end_of_the_wrapper(string script, int exitCode)
    {
        string folder = WithObject();
        CommandResult result = Wrapper(folder, FakeLinker(folder, "echo said; " + script), "-shared", "a.o", "-o", "out");

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal("said\n", result.Text);
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    [InlineData("HUP", 129)]
    public async Task A_signal_to_the_wrapper_ends_the_linker_and_leaves_nothing(string signal, int exitCode)
    {
        string folder = WithObject(), temporary = shim.NewFolder();
        using Process wrapper = StartWaiting(folder, temporary);
        int linker = await PidOfLinkerAsync(folder);
        Command.Run("kill", "-" + signal, $"{wrapper.Id}").Succeeded();
        CommandResult result = Command.Finish(wrapper);

        Assert.Equal(exitCode, result.ExitCode);
        await GoneAsync(linker);
        Assert.Empty(Directory.GetFileSystemEntries(temporary));
        Assert.Single(File.ReadAllLines(Path.Combine(folder, "pids"))); // it was not called again
    }

    [Fact]
    public async Task A_killed_wrapper_takes_the_linker_with_it_and_leaves_nothing()
    {
        string folder = WithObject(), temporary = shim.NewFolder();
        using Process wrapper = StartWaiting(folder, temporary);
        int linker = await PidOfLinkerAsync(folder);
        Command.Run("kill", "-KILL", $"{wrapper.Id}").Succeeded();
        Command.Finish(wrapper);

        await GoneAsync(linker);
        Assert.Empty(Directory.GetFileSystemEntries(temporary));
    }

    [Fact]
    public void Wrappers_that_find_each_other_end_with_the_linker_and_one_stamp()
    {
        string folder = WithObject(), other = shim.NewFolder(), script = shim.NewFolder();
        File.Copy(Path.Combine(_tools.Wrappers, "ld"), Path.Combine(other, "ld")); // another installation
        File.WriteAllText(Path.Combine(script, "ld"), "#!/bin/sh\nexec ld \"$@\"\n"); // somebody else's, which looks into PATH again
        Command.Run("chmod", "755", Path.Combine(script, "ld")).Succeeded();
        foreach (string path in new[] { $"{_tools.Wrappers}:{other}", $"{other}:{_tools.Wrappers}:{other}", $"{_tools.Wrappers}:{script}", $"{other}:{script}:{_tools.Wrappers}" })
        {
            Command.Run("gcc", ["a.o", "-o", "out"], [("PATH", path + ":/usr/bin:/bin")], folder).Succeeded();
            Assert.Single(_tools.Inspect(Path.Combine(folder, "out")).GetProperty("watermarks").EnumerateArray());
        }
    }

    [Fact]
    public void Without_a_linker_behind_it_it_says_what_to_do()
    {
        string folder = WithObject();
        File.Copy(Path.Combine(_tools.Wrappers, "ld"), Path.Combine(folder, "ld.none"));
        CommandResult result = Command.Run(Path.Combine(folder, "ld.none"), ["a.o"], [], folder);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("there is no ld.none behind this wrapper", result.Error, StringComparison.Ordinal);
        Assert.Contains("OGRT_REAL_LD", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Closed_descriptors_and_a_missing_proc_cost_the_stamp_and_nothing_else()
    {
        string folder = WithObject();
        Command.Run("sh", ["-c", "exec \"$0\" -shared a.o -o out <&- >&- 2>&-", Path.Combine(_tools.Wrappers, "ld")], [], folder).Succeeded();
        Assert.Null(_tools.WatermarkOf(Path.Combine(folder, "out")));
        Command.RequireRoot();
        Assert.SkipUnless(Command.Run("unshare", "-m", "true").ExitCode == 0, "mount namespaces cannot be made here");
        Command.Run("unshare", ["-m", "sh", "-c", "mount -t tmpfs none /proc && exec \"$0\" -shared a.o -o out", Path.Combine(_tools.Wrappers, "ld")], [], folder).Succeeded();
        Assert.Null(_tools.WatermarkOf(Path.Combine(folder, "out")));
    }

    private string WithObject()
    {
        string folder = shim.NewFolder();
        File.WriteAllText(Path.Combine(folder, "a.c"), "int main(void) { return 0; }");
        Command.Run("gcc", ["-c", "-fPIC", "a.c"], [], folder).Succeeded();
        return folder;
    }

    private static string FakeLinker(string folder, string script)
    {
        string file = Path.Combine(folder, "fake-ld");
        File.WriteAllText(file, "#!/bin/sh\n" + script + "\n");
        Command.Run("chmod", "755", file).Succeeded();
        return file;
    }

    private CommandResult Link(string folder, string linker) =>
        Command.Run("gcc", ["a.o", "-o", "out"], [_tools.CompilerPath, ("OGRT_REAL_LD", linker)], folder);

    private CommandResult Wrapper(string folder, string linker, params string[] arguments) =>
        Command.Run(Path.Combine(_tools.Wrappers, "ld"), arguments, [("OGRT_REAL_LD", linker)], folder);

    // A linker that says who it is and then waits for somebody to write into a pipe, which nobody does.
    private Process StartWaiting(string folder, string temporary)
    {
        Command.Run("mkfifo", Path.Combine(folder, "never")).Succeeded();
        string linker = FakeLinker(folder, $"echo $$ >>{folder}/pids; exec cat {folder}/never");
        // Who runs the specs in the background may have the signals ignored, and so would the wrapper.
        return Command.Start(
            "env", ["--default-signal=TERM,INT,HUP", Path.Combine(_tools.Wrappers, "ld"), "-shared", "a.o", "-o", "out"],
            [("OGRT_REAL_LD", linker), ("TMPDIR", temporary)], folder);
    }

    private static async Task<int> PidOfLinkerAsync(string folder)
    {
        string file = Path.Combine(folder, "pids");
        await UntilAsync(() => File.Exists(file) && File.ReadAllText(file).EndsWith('\n'));
        return int.Parse(File.ReadAllText(file), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static Task GoneAsync(int pid) =>
        UntilAsync(() => !File.Exists($"/proc/{pid}/stat") || File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal));

    private static async Task UntilAsync(Func<bool> condition)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(waited.Elapsed < _patience, "it did not happen");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
