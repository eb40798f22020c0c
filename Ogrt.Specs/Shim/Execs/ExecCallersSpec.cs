using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim.Execs;

/// <summary>Real programs that start a static one, scripts, and other preload libraries.</summary>
[Collection(ShimCollection.Name)]
public sealed class ExecCallersSpec(ShimFixture shim) : IDisposable
{
    private const string _wrapper = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <unistd.h>
        int execve(const char *path, char *const argv[], char *const envp[]) {
            setenv("WRAPPED", "1", 1);
            int (*next)(const char *, char *const[], char *const[]) = (int (*)(const char *, char *const[], char *const[]))dlsym(RTLD_NEXT, "execve");
            return next(path, argv, envp);
        }
        extern char **environ;
        int execv(const char *path, char *const argv[]) { return execve(path, argv, environ); }
        """;

    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public void Dispose() => _receiver.Dispose();

    [Theory]
    [InlineData("bash", "-c", "$P a 'b c'; exit $?")]
    [InlineData("bash", "-c", "(exec -a named $P a 'b c')")]
    [InlineData("dash", "-c", "$P a 'b c'; exit $?")]
    [InlineData("dash", "-c", "exec $P a 'b c'")]
    [InlineData("env", "$P", "a", "b c")]
    [InlineData("nice", "$P", "a", "b c")]
    [InlineData("timeout", "60", "$P", "a", "b c")]
    [InlineData("find", "/", "-maxdepth", "0", "-execdir", "$P", "a", "b c", ";")]
    [InlineData("/usr/bin/python3", "-c", "import subprocess, sys; sys.exit(subprocess.call(['$P', 'a', 'b c']))")]
    [InlineData("/usr/bin/python3", "-c", "import subprocess, sys; sys.exit(subprocess.call(['$P', 'a', 'b c'], close_fds=False))")]
    [InlineData("/usr/bin/python3", "-c", "import os; os.execl('$P', '$P', 'a', 'b c')")]
    [InlineData("/usr/bin/python3", "-c", "import os; os.waitpid(os.posix_spawn('$P', ['$P', 'a', 'b c'], os.environ), 0)")]
    [InlineData("perl", "-e", "exec {'$P'} '$P', 'a', 'b c'")]
    [InlineData("perl", "-e", "system('$P', 'a', 'b c')")]
    [InlineData("setpriv", "$P", "a", "b c")]
    public async Task A_real_program_that_starts_a_static_one_reports_it_once(string caller, params string[] arguments)
    {
        string program = ExecPrograms.Static(shim);
        arguments = [.. arguments.Select(argument => argument.Replace("$P", program, StringComparison.Ordinal))];
        Command.Require(caller);
        CommandResult with = Tracking.Run(ExecPrograms.Library(shim), _receiver, caller, arguments);
        CommandResult without = Command.Run(caller, arguments);
        // First, since a caller that has failed has started nothing that could be reported.
        Assert.Equal((without.ExitCode, without.Text, without.Error), (with.ExitCode, with.Text, with.Error));
        ProcessInfo sent = await ReportedAsync();

        Assert.Equal(program, sent.Binpath);
        Assert.Equal(["a", "b c"], sent.Arguments.Skip(1));
        await Tracking.NothingWasSentAsync(ExecPrograms.Library(shim), _receiver);
    }

    [Fact]
    public async Task Make_reports_the_static_programs_of_its_rules()
    {
        Command.Require("make");
        string program = ExecPrograms.Static(shim), file = Path.Combine(shim.NewFolder(), "Makefile");
        File.WriteAllText(file, $"all: a b c\na b c:\n\t-@{program} $@\n");
        Tracking.Run(ExecPrograms.Library(shim), _receiver, "make", ["-j3", "-s", "-f", file]).Succeeded();
        string[] sent = [(await ReportedAsync()).Cmdline, (await ReportedAsync()).Cmdline, (await ReportedAsync()).Cmdline];

        Assert.Equal([$"{program} a", $"{program} b", $"{program} c"], sent.Order(StringComparer.Ordinal));
        await Tracking.NothingWasSentAsync(ExecPrograms.Library(shim), _receiver);
    }

    [Fact]
    public async Task A_script_whose_interpreter_is_static_is_a_run_of_that_interpreter()
    {
        string program = ExecPrograms.Static(shim), folder = shim.NewFolder();
        string inner = Script(folder, "inner", $"#! {program}  -x  y \n"), outer = Script(folder, "outer", $"#!{inner}\n");
        foreach ((string script, string[] arguments) in new[]
        {
            (inner, new[] { program, "-x  y", inner, "z" }),
            (outer, [program, "-x  y", inner, outer, "z"]),
        })
        {
            CommandResult result = Tracking.Run(ExecPrograms.Library(shim), _receiver, "/bin/sh", ["-c", $"exec {script} z"]);
            ProcessInfo sent = await ReportedAsync();

            Assert.Equal([.. arguments, "GIVEN=nothing"], result.Lines);
            Assert.Equal(arguments, sent.Arguments);
            Assert.Equal((program, script), (sent.Binpath, sent.ExecPath));
        }
    }

    [Fact]
    public async Task A_script_whose_interpreter_is_dynamic_reports_itself()
    {
        string script = Script(shim.NewFolder(), "script", "#!/bin/sh\nexit 3\n");
        CommandResult result = Tracking.Run(ExecPrograms.Library(shim), _receiver, "/bin/sh", ["-c", $"exec {script}"]);
        ProcessInfo sent = (await ExecPrograms.InOrderAsync(_receiver, 2))[1];

        Assert.Equal(3, result.ExitCode);
        Assert.Equal(0u, sent.Flags & (uint)ProcessFlags.ReportedAtExec);
        await Tracking.NothingWasSentAsync(ExecPrograms.Library(shim), _receiver);
    }

    [Fact]
    public async Task The_dynamic_linker_is_not_taken_for_a_static_program()
    {
        string linker = Command.Run("readelf", "-lW", "/bin/true").Text.Split("interpreter: ")[1].Split(']')[0];
        Tracking.Run(ExecPrograms.Library(shim), _receiver, "/bin/sh", ["-c", $"{linker} /bin/true; true"]).Succeeded();
        ProcessInfo sent = (await ExecPrograms.InOrderAsync(_receiver, 2))[1];

        Assert.Equal(0u, sent.Flags & (uint)ProcessFlags.ReportedAtExec);
        await Tracking.NothingWasSentAsync(ExecPrograms.Library(shim), _receiver);
    }

    [Fact]
    public async Task A_static_program_that_can_move_is_static()
    {
        string program = shim.Compile("int main(void) { return 4; }", "gcc", "-static-pie");
        CommandResult result = Tracking.Run(ExecPrograms.Library(shim), _receiver, "/bin/sh", ["-c", $"exec {program}"]);

        Assert.Equal(4, result.ExitCode);
        Assert.Equal(program, (await ReportedAsync()).Binpath);
    }

    [Theory]
    [InlineData(true, "execve")]
    [InlineData(true, "execv")]
    [InlineData(false, "execve")]
    [InlineData(false, "execv")]
    public async Task Another_library_that_wraps_the_same_functions_is_called_too(bool first, string function)
    {
        string wrapper = shim.Compile(_wrapper, "gcc", "-shared", "-fPIC"), program = ExecPrograms.Static(shim);
        string library = ExecPrograms.Library(shim), both = first ? $"{wrapper}:{library}" : $"{library}:{wrapper}";
        CommandResult result = Command.Run(ExecPrograms.Caller(shim), [function, "plainly", program],
            [.. Tracking.Environment(library, _receiver).Where(variable => variable.Name != "LD_PRELOAD"), ("LD_PRELOAD", both)]);

        Assert.Equal(7, result.ExitCode);
        Assert.Equal(program, (await ReportedAsync()).Binpath);
        await Tracking.NothingWasSentAsync(library, _receiver);
    }

    [Fact]
    public async Task A_program_that_defines_such_a_function_keeps_it()
    {
        string program = shim.Compile("""
            #include <spawn.h>
            int execve(const char *path, char *const argv[], char *const envp[]) { (void)path; (void)argv; (void)envp; return 41; }
            int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *a, const posix_spawnattr_t *b, char *const v[], char *const e[]) {
                (void)pid; (void)file; (void)a; (void)b; (void)v; (void)e; return 1; }
            int main(int argc, char **argv) { (void)argc; return execve(argv[1], argv, 0) + posix_spawnp(0, argv[1], 0, 0, argv, 0); }
            """, "gcc", "-rdynamic", "-fno-builtin");
        CommandResult result = Tracking.Run(ExecPrograms.Library(shim), _receiver, program, [ExecPrograms.Static(shim)]);

        Assert.Equal(42, result.ExitCode);
        await _receiver.ProcessAsync();
        await Tracking.NothingWasSentAsync(ExecPrograms.Library(shim), _receiver);
    }

    private static string Script(string folder, string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        Command.Run("chmod", "755", path).Succeeded();
        return path;
    }

    /// <summary>The next record that a caller sent for another program.</summary>
    private async Task<ProcessInfo> ReportedAsync()
    {
        ProcessInfo sent;
        do
            sent = await _receiver.ProcessAsync();
        while ((sent.Flags & (uint)ProcessFlags.ReportedAtExec) == 0);
        return sent;
    }
}
