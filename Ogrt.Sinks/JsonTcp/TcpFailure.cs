using System.Net.Sockets;

namespace Ogrt.Sinks.JsonTcp;

/// <summary>Why lines did not get to an end, for the one place that makes a verdict of it.</summary>
internal sealed class TcpFailure : Exception
{
    private TcpFailure(string reason, string detail, bool isPause, Exception? inner)
        : base(detail, inner)
    {
        Reason = reason;
        IsPause = isPause;
    }

    /// <summary>A short, snake_case word: a metric's label.</summary>
    public string Reason { get; }

    /// <summary>Whether somebody has to change something.</summary>
    public bool IsPause { get; }

    /// <summary>Whether the other end had got lines, and may have died of one of them.</summary>
    public bool HadLines { get; private init; }

    public static TcpFailure Retry(string reason, string detail, Exception? inner = null) => new(reason, detail, isPause: false, inner);

    public static TcpFailure Pause(string reason, string detail, Exception? inner = null) => new(reason, detail, isPause: true, inner);

    /// <summary>A connection that broke, in the words of its innermost cause.</summary>
    public static TcpFailure Lost(string said, Exception cause)
    {
        Exception innermost = cause;
        while (innermost.InnerException is { } inner)
            innermost = inner;
        // ETIMEDOUT: nobody answered for as long as TCP_USER_TIMEOUT or the keepalive says.
        string reason = innermost is SocketException { SocketErrorCode: SocketError.TimedOut } ? "stalled" : "connection_lost";
        return new TcpFailure(reason, innermost.Message + said, isPause: false, cause) { HadLines = reason == "connection_lost" };
    }
}
