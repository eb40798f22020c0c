namespace Ogrt.Server.Cli.Top;

/// <summary>The screens of <c>ogrt-server top</c>, in the order of their keys.</summary>
internal enum TopScreen
{
    /// <summary>The stages that a frame passes.</summary>
    Pipeline,

    /// <summary>The jobs of this node.</summary>
    Jobs,

    /// <summary>The compute nodes.</summary>
    Nodes,

    /// <summary>The sinks.</summary>
    Sinks,

    /// <summary>The members of the cluster.</summary>
    Cluster,
}
