namespace Ogrt.Sinks.Elasticsearch.Setup;

/// <summary>What an operator chooses for indices.</summary>
/// <param name="Shards">Primary shards of an index.</param>
/// <param name="Replicas">Copies of each.</param>
/// <param name="KeepDays">Days after which indices of processes are deleted; 0 keeps them.</param>
public sealed record SetupOptions(int Shards = 1, int Replicas = 1, int KeepDays = 400);
