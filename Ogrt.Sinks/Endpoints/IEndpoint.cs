namespace Ogrt.Sinks.Endpoints;

/// <summary>One of the ends that a sink can send to: what choosing among them and counting them needs.</summary>
internal interface IEndpoint
{
    /// <summary>Where it is: its label in metrics.</summary>
    string Name { get; }

    /// <summary>Whether it is left alone.</summary>
    Circuit Circuit { get; }

    /// <summary>Its counters.</summary>
    EndpointMetrics Metrics { get; }

    /// <summary>Requests without an answer.</summary>
    int InFlight { get; }
}
