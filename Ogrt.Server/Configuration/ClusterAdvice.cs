using System.Globalization;
using Ogrt.Actors.Cluster;

namespace Ogrt.Server.Configuration;

/// <summary>What the cluster's settings come to, in words: how it is founded, and what goes on after a network split.</summary>
public static class ClusterAdvice
{
    /// <summary>What is possible and probably not meant.</summary>
    /// <returns>The key below <c>ogrt.cluster-node</c>, and what is to be said.</returns>
    public static IEnumerable<(string Key, string Message)> Warnings(ClusterSettings node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (!node.IsMultiNode) yield break;
        if (node.Seeds.Count > 0 && !node.Seeds.Contains(node.Self))
            yield return ("seeds", $"This node, {node.Self}, is not among the seeds: it joins the others and never founds a cluster. Is ogrt.cluster-node.host exactly as in the list?");
        if (node.Seeds.Count > node.ExpectedNodes)
            yield return ("expected-nodes", string.Create(CultureInfo.InvariantCulture, $"There are {node.Seeds.Count} seeds and {node.ExpectedNodes} nodes are expected: two clusters could be founded side by side."));
        if (node.RequiredNodes * 2 <= node.ExpectedNodes)
            yield return ("required-nodes", string.Create(CultureInfo.InvariantCulture, $"With {node.RequiredNodes} of {node.ExpectedNodes} nodes enough to found a cluster, nodes that do not see each other at a start can make two."));
        if (!node.Tls.IsOn && node.AllowPlaintext)
            yield return ("plaintext", "Nodes talk without TLS: whoever reaches the port between them controls the servers.");
    }

    /// <summary>What follows from the settings.</summary>
    public static IEnumerable<string> Notes(ClusterSettings node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (!node.IsMultiNode) yield break;
        string who = node.Dns.Alias.Length > 0
            ? $"the lowest address that {node.Dns.Alias} names and that answers"
            : $"the first of {string.Join(", ", node.Seeds)} that answers; the list must be the same in the same order on all nodes, and nodes compare it";
        yield return string.Create(CultureInfo.InvariantCulture,
            $"a node joins the cluster that it finds. A new one is founded by {who}, once {node.RequiredNodes} of {node.ExpectedNodes} nodes agree and nothing has changed for {node.StableMargin.TotalSeconds:0.###} s.");
        yield return $"{SplitBrainStrategy.Explain(node)}.";
        yield return "a store of type local has what came to its node, and the records of jobs that live there; one Elasticsearch or Splunk for all nodes has everything.";
        if (!node.HostsJobs) yield return "this node takes frames in and delivers them; jobs live on nodes with the role \"jobs\".";
    }
}
