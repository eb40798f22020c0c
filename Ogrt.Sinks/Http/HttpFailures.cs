using System.Net.Sockets;
using System.Security.Authentication;

namespace Ogrt.Sinks.Http;

/// <summary>What the exceptions of <see cref="System.Net.Http.SocketsHttpHandler"/> mean for a delivery.</summary>
internal static class HttpFailures
{
    /// <summary>Makes an answer of an exception that stands for a request without one.</summary>
    public static HttpAnswer ToAnswer(Uri endpoint, Exception exception, bool bodyWasWritten)
    {
        string detail = Words(exception);
        if (exception is OperationCanceledException)
            return HttpAnswer.None(endpoint, "connect_timeout", "no connection in time");
        // A certificate that is not trusted, or ours that is not: it stays so until somebody changes it. A server that dies in
        // the middle of the handshake is an IOException.
        if (Find<AuthenticationException>(exception) is not null)
            return HttpAnswer.Misconfigured(endpoint, "tls_failed", detail);
        HttpRequestError error = (exception as HttpRequestException)?.HttpRequestError ?? (exception as HttpIOException)?.HttpRequestError ?? HttpRequestError.Unknown;
        string reason = error switch
        {
            HttpRequestError.NameResolutionError => "name_not_resolved",
            HttpRequestError.ConnectionError => "connect_failed",
            HttpRequestError.SecureConnectionError => "tls_failed",
            HttpRequestError.InvalidResponse => "bad_answer",
            _ when Find<SocketException>(exception) is { SocketErrorCode: SocketError.ConnectionRefused } => "connect_failed",
            // Half a request never counts: the server that broke it off may have refused it for its size.
            _ => bodyWasWritten ? "connection_lost" : "connection_lost_while_sending",
        };
        return HttpAnswer.None(endpoint, reason, detail);
    }

    private static string Words(Exception exception)
    {
        string words = exception.Message;
        for (Exception? inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (!words.Contains(inner.Message, StringComparison.Ordinal))
                words += " " + inner.Message;
        }
        return words;
    }

    private static T? Find<T>(Exception? exception) where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is T found)
                return found;
        }
        return null;
    }
}
