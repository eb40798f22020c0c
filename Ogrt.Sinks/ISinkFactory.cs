using Akka.Configuration;

namespace Ogrt.Sinks;

/// <summary>Makes the sinks of one type.</summary>
public interface ISinkFactory
{
    /// <summary>The type: what a sink's <c>type</c> key selects.</summary>
    string Type { get; }

    /// <summary>Makes a sink. It touches nothing outside of the process before it is opened.</summary>
    /// <exception cref="ConfigurationException">A setting of the sink's own is wrong.</exception>
    ISink Create(SinkSettings settings, SinkContext context);
}
