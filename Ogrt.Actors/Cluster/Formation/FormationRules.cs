namespace Ogrt.Actors.Cluster.Formation;

/// <summary>What the forming of a cluster goes by. Times are in milliseconds.</summary>
public sealed record FormationRules
{
    /// <summary>The name of the cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>The number of shards of jobs, which all nodes must have alike; 0 for a node that does not mind.</summary>
    public int Shards { get; init; }

    /// <summary>The nodes that have to answer, and to agree, before a cluster is founded; this one included.</summary>
    public required int Required { get; init; }

    /// <summary>How long the list of nodes, and who of them answers, must have stayed the same.</summary>
    public required long Margin { get; init; }

    /// <summary>The configured seeds as one text, which all nodes must have alike; empty where nodes are found by DNS.</summary>
    public string Seeds { get; init; } = "";

    /// <summary>How long an answer counts.</summary>
    public required long AnswerLife { get; init; }

    /// <summary>
    /// How long a vote binds who has given it. Who has got it may use it for half of that, and a node that has just been
    /// started gives none for half of that.
    /// </summary>
    public required long VoteLife { get; init; }
}
