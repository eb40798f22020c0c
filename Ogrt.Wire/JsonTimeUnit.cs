namespace Ogrt.Wire;

/// <summary>In which unit the JSON gives the times that OGRT has always sent (<c>time</c>, <c>start_time</c>, <c>end_time</c>).</summary>
public enum JsonTimeUnit : byte
{
    /// <summary>Seconds since 1970: files and JSON over TCP.</summary>
    Seconds = 0,

    /// <summary>Milliseconds since 1970: Elasticsearch.</summary>
    Milliseconds = 1,
}
