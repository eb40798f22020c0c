namespace Ogrt.Actors.Cluster;

/// <summary>This process cannot get into the cluster any more; one that is started anew can.</summary>
public sealed class ClusterWithdrawnException(string why) : Exception($"This node has to be started again: {why}.");
