namespace Ogrt.Server.Cli.Commands;

internal static class RunCommand
{
    public const string Name = "run";
}
