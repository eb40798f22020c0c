namespace Ogrt.Actors.Ingest;

/// <summary>What one read of a connection came to.</summary>
internal enum ReadStep : byte
{
    /// <summary>There was something, and there may be more.</summary>
    Data,

    /// <summary>There is nothing now.</summary>
    Empty,

    /// <summary>The connection is done: at its end, reset, or broken. Whatever there is to count has been counted.</summary>
    End,
}
