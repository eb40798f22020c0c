using System.Diagnostics;

using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>Programs under the preload library.</summary>
internal static class Tracking
{
    /// <summary>The variables that make a program send to a receiver.</summary>
    public static (string Name, string Value)[] Environment(string library, FrameReceiver receiver) =>
        [("LD_PRELOAD", library), ("OGRT_ACTIVE", "yes"), ("OGRT_SERVER", receiver.EndPoint.ToString())];

    /// <summary>Runs a program to its end.</summary>
    public static CommandResult Run(
        string library, FrameReceiver receiver, string program, IEnumerable<string> arguments,
        params IEnumerable<(string, string)> environment) =>
        Command.Run(program, arguments, [.. Environment(library, receiver), .. environment]);

    /// <summary>Runs a program to its end, and gives what it sent.</summary>
    public static async Task<ProcessInfo> TrackAsync(
        string library, FrameReceiver receiver, string program, IEnumerable<string> arguments,
        params IEnumerable<(string, string)> environment)
    {
        CommandResult result = Run(library, receiver, program, arguments, environment).Succeeded();
        Assert.Empty(result.Error);
        return await receiver.ProcessAsync();
    }

    /// <summary>A program that lives until its input is closed, so that it can be looked at.</summary>
    public static Process StartCat(string library, FrameReceiver receiver, params IEnumerable<(string, string)> environment) =>
        Command.Start("/bin/cat", [], [.. Environment(library, receiver), .. environment], "/tmp");

    /// <summary>Fails when anything has been sent before: another process is tracked, and its frame must be the next.</summary>
    public static async Task NothingWasSentAsync(string library, FrameReceiver receiver)
    {
        Run(library, receiver, "/bin/true", [], ("JOBID", "sentinel")).Succeeded();
        Assert.Equal("sentinel", (await receiver.ProcessAsync()).JobId);
    }
}
