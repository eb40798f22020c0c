namespace Ogrt.Actors.Ingest;

/// <summary>What an error of <c>accept</c> calls for; see accept(2), "Error handling".</summary>
internal enum AcceptError : byte
{
    /// <summary>No connection is waiting.</summary>
    None,

    /// <summary>This one connection or its network has failed: the next one may be good, so go on at once.</summary>
    Client,

    /// <summary>Files or memory have run out: it can pass, so wait and try again.</summary>
    Pressure,

    /// <summary>The listening socket is broken: the listener fails and is started again.</summary>
    Fatal,
}
