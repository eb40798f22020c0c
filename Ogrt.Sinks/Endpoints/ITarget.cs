namespace Ogrt.Sinks.Endpoints;

/// <summary>The ends of one sink, for the metrics.</summary>
internal interface ITarget
{
    /// <summary>The sink's name: the label of its series.</summary>
    string Sink { get; }

    /// <summary>Its ends.</summary>
    IReadOnlyList<IEndpoint> Endpoints { get; }
}
