namespace Ogrt.Server.Overview;

/// <summary>A member of the cluster.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Status">joining, up, leaving and so on.</param>
/// <param name="Reachable">Whether this node reaches it.</param>
/// <param name="Leader">Whether it leads.</param>
/// <param name="Self">Whether it is this node.</param>
/// <param name="Roles">Its roles.</param>
/// <param name="Shards">Shards that it has; null when unknown.</param>
/// <param name="Jobs">Jobs that it has; null when unknown.</param>
public sealed record MemberView(
    string Address, string Status, bool Reachable, bool Leader, bool Self, IReadOnlyList<string> Roles, int? Shards, int? Jobs);
