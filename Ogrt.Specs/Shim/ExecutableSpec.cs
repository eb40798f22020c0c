using System.Diagnostics;
using System.Globalization;

using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>However a program is called, the file that is reported is the one that the kernel runs.</summary>
[Collection(ShimCollection.Name)]
public sealed class ExecutableSpec(ShimFixture shim) : IDisposable
{
    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public void Dispose() => _receiver.Dispose();

    [Theory]
    [InlineData("/usr/bin/cat")]
    [InlineData("./alias")]
    [InlineData("a/../alias")]
    [InlineData("bin/cat")]
    [InlineData("a/b/bin//./cat")]
    [InlineData("a/b/up/bin/cat")]
    [InlineData("a/b/../../copy")]
    [InlineData("LONG/cat")]
    public async Task It_is_found_through_links_and_relative_paths(string called)
    {
        string folder = shim.NewFolder();
        Directory.CreateDirectory(Path.Combine(folder, "a/b"));
        File.CreateSymbolicLink(Path.Combine(folder, "alias"), "bin/cat");
        File.CreateSymbolicLink(Path.Combine(folder, "bin"), "/usr/bin");
        File.CreateSymbolicLink(Path.Combine(folder, "a/b/up"), "../..");
        File.CreateSymbolicLink(Path.Combine(folder, "a/b/bin"), "up/bin/");
        File.Copy("/usr/bin/cat", Path.Combine(folder, "copy"));
        called = called.Replace("LONG", string.Concat(Enumerable.Repeat("a/../", 150)) + "bin", StringComparison.Ordinal);
        // The shell becomes the program, so that the path as called reaches the kernel as it is.
        using Process tracked = Command.Start("/bin/sh", ["-c", "exec env \"$@\" \"$0\"", called, .. Tracking.Environment(shim.Tcp, _receiver).Select(v => $"{v.Name}={v.Value}")], [], folder);
        ProcessInfo sent = await _receiver.ProcessAsync();
        string running = new FileInfo($"/proc/{tracked.Id}/exe").LinkTarget!;
        string[] file = Command.Run("stat", "-Lc", "%d %i %s", $"/proc/{tracked.Id}/exe").Succeeded().Text.Split();
        tracked.StandardInput.Close();
        Command.Finish(tracked);

        Assert.Equal(running, sent.Binpath);
        Assert.Equal(called, sent.ExecPath);
        Assert.Equal(string.Join(' ', file).Trim(), string.Create(CultureInfo.InvariantCulture, $"{sent.ExecutableDevice} {sent.ExecutableInode} {sent.ExecutableSize}"));
    }

    [Fact]
    public async Task It_is_found_behind_a_descriptor()
    {
        string launcher = shim.Compile("""
            #define _GNU_SOURCE
            #include <fcntl.h>
            #include <unistd.h>
            extern char **environ;
            int main(int argc, char **argv) {
                (void)argc;
                return fexecve(open(argv[1], O_RDONLY | O_CLOEXEC), argv + 1, environ), 99;
            }
            """);
        Tracking.Run(shim.Tcp, _receiver, launcher, ["/usr/bin/true"]).Succeeded();
        await _receiver.ProcessAsync();
        ProcessInfo sent = await _receiver.ProcessAsync();

        Assert.Equal("/usr/bin/true", sent.Binpath);
        Assert.StartsWith("/dev/fd/", sent.ExecPath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_took_the_place_of_the_running_one_is_not_taken_for_it()
    {
        // The program that runs is deleted before the library looks, by one that is loaded in front of it.
        string folder = shim.NewFolder(), program = Path.Combine(folder, "program"), other = Path.Combine(folder, "other");
        File.Copy("/usr/bin/true", program);
        File.Copy("/usr/bin/false", other);
        string inode = Command.Run("stat", "-c", "%i", program).Succeeded().Text.Trim();
        string meddler = shim.Compile($$"""
            #include <stdio.h>
            __attribute__((constructor)) static void meddle(void) { rename("{{other}}", "{{program}}"); }
            """, "gcc", "-shared", "-fPIC");
        (string, string)[] variables = [.. Tracking.Environment(shim.Tcp, _receiver).Skip(1), ("LD_PRELOAD", $"{shim.Tcp} {meddler}")];
        Command.Run(program, [], variables).Succeeded();
        ProcessInfo sent = await _receiver.ProcessAsync();

        Assert.Equal(program + " (deleted)", sent.Binpath);
        Assert.Equal(inode, sent.ExecutableInode.ToString(CultureInfo.InvariantCulture));
    }
}
