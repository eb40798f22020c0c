namespace Ogrt.Specs.Cluster.Lab;

/// <summary>What a laboratory is to be like.</summary>
internal sealed record LabOptions
{
    /// <summary>How many servers.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>Whether they find each other by the alias rather than by seeds.</summary>
    public bool ByAlias { get; init; }

    /// <summary>Whether a name server is started.</summary>
    public bool WithNameServer { get; init; }

    /// <summary>Whether snapshots are in a PostgreSQL of the laboratory; else they are in a directory that all share.</summary>
    public bool WithDatabase { get; init; }

    /// <summary>Whether each server has a small disk and a clock of its own, where that can be.</summary>
    public bool WithDisksAndClocks { get; init; }

    /// <summary>Whether servers take frames at all their addresses, IPv6 among them. Needs namespaces.</summary>
    public bool TakesFramesEverywhere { get; init; }

    /// <summary>The processors that the servers are held to, in turn; none where they are not held.</summary>
    public IReadOnlyList<int> Processors { get; init; } = [];

    /// <summary>Further settings of every server, as lines of its configuration file.</summary>
    public string Settings { get; init; } = "";

    /// <summary>Further settings that depend on the address of this process as the servers see it.</summary>
    public Func<System.Net.IPAddress, string>? SettingsOnceThere { get; init; }

    /// <summary>Whether the journals keep everything, for somebody who counts it afterwards.</summary>
    public bool KeepsJournals { get; init; }

    /// <summary>Takes loopback addresses although namespaces may be allowed.</summary>
    public bool LoopbackOnly { get; init; }
}
