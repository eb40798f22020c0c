using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ogrt.Server.Hosting;

/// <summary>
/// Who may use the control socket: root, the server's own user, and the members of <c>ogrt.control.group</c>. The kernel says who
/// asks; what the client says of itself does not matter.
/// </summary>
/// <remarks>
/// The check is the server's own because a file's mode alone cannot explain itself: with a group, anybody who reaches the
/// socket's folder can connect, and one who may not do more is told so in words.
/// </remarks>
public sealed partial class ControlAccess(string? groupName, uint? group, ILogger log)
{
    // A user in a loop of refused commands is one line a minute in the log, not thousands.
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private long _refused;
    private long _loggedAt;

    /// <summary>Connections and requests that were refused.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Whether a request came over the control socket. Everything else came over the HTTP port.</summary>
    public static bool IsControl(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Connection.LocalIpAddress is null;
    }

    /// <summary>Whether these may use the socket.</summary>
    public bool Allows(PeerCredentials peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return peer.Uid == 0 || peer.Uid == PeerCredentials.Self || (group is { } allowed && peer.IsIn(allowed));
    }

    /// <summary>Passes a request on, or answers it with 403 and why.</summary>
    public Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        if (!IsControl(context)) return next(context);
        PeerCredentials? peer = PeerOf(context);
        if (peer is not null && Allows(peer)) return next(context);
        Refuse(peer);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        // Nothing more is taken from this connection.
        context.Response.Headers.Connection = "close";
        string who = groupName is null
            ? "root and the server's own user may use it (ogrt.control.group can name a group)"
            : $"root, the server's own user and members of the group {groupName} may use it";
        return context.Response.WriteAsync($"The server's control socket is not for {(peer is null ? "a peer that the kernel does not name" : $"user {peer.Uid}")}: {who}.\n");
    }

    /// <summary>Answers a request of the control socket; on the HTTP port there is no such page.</summary>
    public static Task OnSocketAsync(HttpContext context, Func<Task> act)
    {
        ArgumentNullException.ThrowIfNull(act);
        if (IsControl(context)) return act();
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static PeerCredentials? PeerOf(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>() is not { Socket: { } socket }) return null;
        try
        {
            return PeerCredentials.Of(socket);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    private void Refuse(PeerCredentials? peer)
    {
        long count = Interlocked.Increment(ref _refused);
        long now = Environment.TickCount64, last = Interlocked.Read(ref _loggedAt);
        if (last != 0 && now - last < LogInterval.TotalMilliseconds) return;
        if (Interlocked.CompareExchange(ref _loggedAt, now, last) == last) LogRefused(peer?.ToString() ?? "a peer that the kernel does not name", count);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The control socket was refused to {Peer}; {Count} refusals since the start")]
    private partial void LogRefused(string peer, long count);
}
