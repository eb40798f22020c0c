using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace Ogrt.Server.Cli;

/// <summary>The answer to <c>--version</c>.</summary>
public sealed class VersionText(Terminal terminal) : SynchronousCommandLineAction
{
    /// <summary>The version of this build, without what a build server appends.</summary>
    public static string Version { get; } = (typeof(VersionText).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+')[0];

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        terminal.Output.WriteLine($"ogrt-server {Version} (.NET {Environment.Version})");
        return ExitCode.Ok;
    }
}
