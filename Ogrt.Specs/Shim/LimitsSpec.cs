using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>What does not fit is cut in a fixed order, and the record says so.</summary>
[Collection(ShimCollection.Name)]
public sealed class LimitsSpec(ShimFixture shim) : IDisposable
{
    private const int _maxMessage = 262144;
    private const int _pieces = 20;

    // argv[1] arguments of argv[2] bytes, and argv[3] variables of argv[4] bytes, for argv[5].
    private const string _launcher = """
        #define _GNU_SOURCE
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        extern char **environ;
        static char *filled(int number, int size) {
            char *text = malloc(size + 16);
            int head = sprintf(text, "V%06d=", number);
            memset(text + head, 'a' + number % 26, size > head ? size - head : 0);
            text[size] = 0;
            return text;
        }
        int main(int argc, char **argv) {
            int arguments = atoi(argv[1]), variables = atoi(argv[3]), have = 0;
            while (environ[have]) have++;
            char **v = calloc(arguments + 2, sizeof *v), **e = calloc(have + variables + 1, sizeof *e);
            v[0] = argv[5];
            for (int i = 0; i < arguments; i++) v[i + 1] = filled(i, atoi(argv[2]));
            memcpy(e, environ, have * sizeof *e);
            for (int i = 0; i < variables; i++) e[have + i] = filled(i, atoi(argv[4]));
            return execve(argv[5], v, e), 99;
        }
        """;

    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public void Dispose() => _receiver.Dispose();

    [Fact]
    public async Task A_record_that_fits_carries_no_mark()
    {
        ProcessInfo sent = await LaunchAsync(shim.TcpWithEnvironment, 3, 1000, 100, 1000);

        Assert.Equal(0u, Truncations(sent));
        Assert.Equal(4, sent.Arguments.Count);
        Assert.Equal(100, sent.EnvironmentVariables.Count(entry => entry.StartsWith('V')));
    }

    [Fact]
    public async Task The_environment_is_cut_first()
    {
        ProcessInfo sent = await LaunchAsync(shim.TcpWithEnvironment, 3, 1000, 400, 1000);

        Assert.Equal((uint)ProcessFlags.TruncatedEnvironment, Truncations(sent));
        Assert.Equal(4, sent.Arguments.Count);
        Assert.InRange(sent.EnvironmentVariables.Count, 240, 262);
        Assert.InRange(sent.CalculateSize(), _maxMessage - 64, _maxMessage);
    }

    [Fact]
    public async Task Two_megabytes_of_arguments_are_cut_and_then_there_is_no_room_for_the_environment()
    {
        ProcessInfo sent = await LaunchAsync(shim.TcpWithEnvironment, _pieces, 100_000, 0, 0);

        Assert.Equal((uint)(ProcessFlags.TruncatedEnvironment | ProcessFlags.TruncatedArguments | ProcessFlags.TruncatedCmdline), Truncations(sent));
        Assert.Equal(100_000, sent.Arguments[1].Length);
        Assert.StartsWith("V000000=aaaa", sent.Arguments[1], StringComparison.Ordinal);
        Assert.True(sent.Arguments.Count < _pieces);
        Assert.StartsWith(sent.Arguments[0] + " V000000=aaaa", sent.Cmdline, StringComparison.Ordinal);
        Assert.NotEmpty(sent.SharedObjects);
        Assert.InRange(sent.CalculateSize(), _maxMessage - 64, _maxMessage);
    }

    [Fact]
    public async Task Many_small_arguments_are_cut_between_two_of_them_or_inside_one()
    {
        ProcessInfo sent = await LaunchAsync(shim.Tcp, 50_000, 8, 0, 0);

        Assert.Equal((uint)(ProcessFlags.TruncatedArguments | ProcessFlags.TruncatedCmdline), Truncations(sent));
        Assert.All(sent.Arguments.Skip(1).SkipLast(1), argument => Assert.Equal(8, argument.Length));
    }

    [Fact]
    public async Task A_long_list_of_modules_is_cut_between_two_of_them()
    {
        string modules = string.Join(':', Enumerable.Range(0, 3000).Select(number => $"module/{number}"));
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, "/bin/true", [], ("LOADEDMODULES", modules));

        Assert.Equal((uint)ProcessFlags.TruncatedModules, Truncations(sent));
        Assert.Equal(Enumerable.Range(0, sent.LoadedModules.Count).Select(number => $"module/{number}"), sent.LoadedModules.Select(module => module.Name));
        Assert.InRange(sent.LoadedModules.Count, 1000, 2000);
    }

    [Fact]
    public async Task A_job_id_that_is_too_long_to_be_one_is_not_sent()
    {
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, "/bin/true", [], ("SLURM_JOB_ID", new string('9', 20_000)), ("JOBID", new string('8', 10_000)));

        Assert.Equal(new string('8', 10_000), sent.JobId);
        Assert.Equal("JOBID", sent.Scheduler);
    }

    [Fact]
    public async Task What_is_too_large_for_a_datagram_goes_by_TCP()
    {
        ProcessInfo sent = await LaunchAsync(shim.Udp, 1, 10, 70, 1000);

        Assert.Equal(70, sent.EnvironmentVariables.Count(entry => entry.StartsWith('V')));
        Assert.True(sent.CalculateSize() > 60_000);
    }

    private static uint Truncations(ProcessInfo sent) => sent.Flags & ~(uint)ProcessFlags.InContainer;

    private async Task<ProcessInfo> LaunchAsync(string library, int arguments, int argumentSize, int variables, int variableSize)
    {
        string launcher = shim.Compile(_launcher);
        string[] line = [$"{arguments}", $"{argumentSize}", $"{variables}", $"{variableSize}", "/bin/true"];
        Tracking.Run(library, _receiver, launcher, line).Succeeded();
        ProcessInfo sent; // the launcher's own comes first
        do
            sent = await _receiver.ProcessAsync();
        while (sent.ExecPath != "/bin/true");
        return sent;
    }
}
