namespace Ogrt.Server.Overview;

/// <summary>Which server this is.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="Pid">Its process; another one is another server.</param>
/// <param name="Started">Since when it runs.</param>
/// <param name="Phase">starting, running or stopping.</param>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="Address">Its address in the cluster; empty while it has none.</param>
public sealed record ServerView(string Version, int Pid, DateTimeOffset Started, string Phase, string Cluster, string Address);
