namespace Ogrt.Sinks.Elasticsearch;

/// <summary>Where the end of a process is written.</summary>
public enum ProcessEnds
{
    /// <summary>As a document beside that of the process, with the same host, pid and start ticks.</summary>
    Beside = 0,

    /// <summary>Into the document of the program image that ended. An end that does not name its image stands beside.</summary>
    Merge,

    /// <summary>Nowhere.</summary>
    Off,
}
