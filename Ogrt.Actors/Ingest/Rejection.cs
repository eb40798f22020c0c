using Ogrt.Wire;

namespace Ogrt.Actors.Ingest;

/// <summary>
/// Why bytes did not become a record of the journal, beside the errors of <see cref="WireError"/>. A rejection is counted under
/// <see cref="Rejections.IndexOf(Rejection)"/>, behind those of the wire.
/// </summary>
internal enum Rejection : byte
{
    /// <summary>A connection ended within a frame.</summary>
    HalfFrame,

    /// <summary>A connection was reset by its client.</summary>
    Reset,

    /// <summary>A frame was not complete within the frame timeout.</summary>
    SlowFrame,

    /// <summary>A connection sent nothing for the idle timeout.</summary>
    Idle,

    /// <summary>A connection sent nothing for the crowded idle timeout while no more could be accepted.</summary>
    IdleCrowded,

    /// <summary>A connection was closed because the drain timeout had passed.</summary>
    DrainTimeout,

    /// <summary>Frames that were read and could not be written to a full journal before the drain timeout.</summary>
    LostAtStop,

    /// <summary>A datagram was longer than the receive buffer, so that its end is missing.</summary>
    DatagramTooLong,

    /// <summary>A connection or its listener failed in a way that should not happen; the log tells how.</summary>
    Failure,

    /// <summary>A connection was aborted by its client before it was accepted, or the network failed it.</summary>
    AcceptClient,

    /// <summary>Accepting failed because files or memory ran out; it was tried again.</summary>
    AcceptPressure,

    /// <summary>Receiving datagrams failed because memory ran out; it was tried again.</summary>
    ReceivePressure,
}
