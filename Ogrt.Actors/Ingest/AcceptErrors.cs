namespace Ogrt.Actors.Ingest;

/// <summary>Sorts the errors of <c>accept</c> into tiers.</summary>
internal static class AcceptErrors
{
    public static AcceptError Classify(int errno) => errno switch
    {
        NativeSocket.Again or NativeSocket.Interrupted => AcceptError.None,

        // Linux hands errors that are already pending on the new connection to accept: EPERM (a firewall), ENONET, EPROTO,
        // ENOPROTOOPT, EOPNOTSUPP, ENETDOWN, ENETUNREACH, ECONNABORTED, ETIMEDOUT, EHOSTDOWN, EHOSTUNREACH.
        1 or 64 or 71 or 92 or 95 or 100 or 101 or 103 or 110 or 112 or 113 => AcceptError.Client,

        // ENOMEM, ENFILE, EMFILE, ENOBUFS.
        12 or 23 or 24 or 105 => AcceptError.Pressure,
        _ => AcceptError.Fatal,
    };
}
