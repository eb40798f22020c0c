namespace Ogrt.Sinks.Splunk;

/// <summary>Where the collector takes what (https://docs.splunk.com/Documentation/Splunk/latest/Data/HECRESTendpoints).</summary>
internal static class HecPaths
{
    /// <summary>Events.</summary>
    public const string Event = "/services/collector/event";

    /// <summary>Whether it is well.</summary>
    public const string Health = "/services/collector/health";

    /// <summary>What is indexed.</summary>
    public const string Acknowledgement = "/services/collector/ack";

    /// <summary>The header that names a request's channel.</summary>
    public const string ChannelHeader = "X-Splunk-Request-Channel";
}
