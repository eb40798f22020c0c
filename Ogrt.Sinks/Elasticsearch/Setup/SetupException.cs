namespace Ogrt.Sinks.Elasticsearch.Setup;

/// <summary>A server cannot be set up; the message says why and what to do.</summary>
public sealed class SetupException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="message">Why, for the operator.</param>
    public SetupException(string message)
        : base(message)
    {
    }
}
