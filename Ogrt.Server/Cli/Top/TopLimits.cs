namespace Ogrt.Server.Cli.Top;

/// <summary>How much of a list is asked for.</summary>
internal static class TopLimits
{
    /// <summary>Jobs, the busiest first.</summary>
    public const int Jobs = 500;

    /// <summary>Compute nodes, those heard of last first.</summary>
    public const int Nodes = 2000;
}
