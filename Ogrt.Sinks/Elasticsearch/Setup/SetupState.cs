namespace Ogrt.Sinks.Elasticsearch.Setup;

/// <summary>How a thing on the server stands to what it should be.</summary>
public enum SetupState
{
    /// <summary>It is as it should be.</summary>
    Same = 0,

    /// <summary>It is not there.</summary>
    Missing,

    /// <summary>It is another one than it should be.</summary>
    Differs,

    /// <summary>This server does not know such things.</summary>
    Unsupported,
}
