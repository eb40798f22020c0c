namespace Ogrt.Server.Overview;

/// <summary>A job of this node.</summary>
/// <param name="JobId">Its id.</param>
/// <param name="User">Whose it is; empty when unknown.</param>
/// <param name="State">running, quiet or ended.</param>
/// <param name="Processes">Its processes.</param>
/// <param name="Failed">Those that failed.</param>
/// <param name="Hosts">Hosts that they ran on.</param>
/// <param name="Nodes">Nodes of its tree.</param>
/// <param name="Frames">Frames since its actor started here.</param>
/// <param name="Rate">Frames a second, lately.</param>
/// <param name="Started">When its first process started; null when unknown.</param>
/// <param name="IdleSeconds">Since when nothing has come.</param>
public sealed record JobView(
    string JobId, string User, string State, long Processes, long Failed, int Hosts, int Nodes, long Frames, double Rate, DateTimeOffset? Started, double IdleSeconds);
