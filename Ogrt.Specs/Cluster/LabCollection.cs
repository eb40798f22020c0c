namespace Ogrt.Specs.Cluster;

/// <summary>Specs with several real servers run one after the other, and beside nothing else: they need the processors.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LabCollection
{
    public const string Name = "Cluster laboratory";
}
