namespace Ogrt.Actors.Ingest;

/// <summary>How frames reach a listener.</summary>
public enum ListenerTransport : byte
{
    /// <summary>Connections with any number of frames each.</summary>
    Tcp,

    /// <summary>Datagrams with one frame each.</summary>
    Udp,
}
