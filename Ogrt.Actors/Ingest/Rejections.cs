using Ogrt.Wire;

namespace Ogrt.Actors.Ingest;

/// <summary>One row of counters for all reasons: those of the wire first, then those of <see cref="Rejection"/>.</summary>
internal static class Rejections
{
    private static readonly string[] OwnNames =
    [
        "half_frame", "reset", "slow_frame", "idle", "idle_crowded", "drain_timeout", "lost_at_stop", "datagram_too_long",
        "failure", "accept_client", "accept_pressure",
        "receive_pressure",
    ];

    public static int Count => WireErrors.Count + OwnNames.Length;

    public static int IndexOf(WireError error) => (int)error;

    public static int IndexOf(Rejection rejection) => WireErrors.Count + (int)rejection;

    public static string Name(int index) =>
        index < WireErrors.Count ? WireErrors.Name((WireError)index) : OwnNames[index - WireErrors.Count];
}
