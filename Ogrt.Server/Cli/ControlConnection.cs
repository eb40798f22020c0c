using System.Net;
using System.Net.Sockets;
using Ogrt.Server.Configuration;
using Ogrt.Server.Hosting;

namespace Ogrt.Server.Cli;

/// <summary>An HTTP client over the control socket of the running server.</summary>
public sealed class ControlConnection : IDisposable
{
    private readonly HttpClient _client;

    private ControlConnection(HttpClient client) => _client = client;

    /// <summary>Makes a connection; nothing is sent. Null when no server runs.</summary>
    public static ControlConnection? Open(ServerSettings settings)
    {
        if (!Exists(settings.ControlPath)) return null;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(ControlSocket.Address(settings.ControlPath)), token).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        return new ControlConnection(new HttpClient(handler) { BaseAddress = new Uri("http://control/"), Timeout = settings.ControlTimeout });
    }

    // A folder that this user may not look into may hold the socket: then connecting says what is wrong.
    private static bool Exists(string path)
    {
        try
        {
            File.GetAttributes(path);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Asks for something.</summary>
    /// <param name="method">GET, or POST for what changes something.</param>
    /// <param name="path">The path with its query, escaped.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The answer's head; the caller disposes it and reads the rest.</returns>
    /// <exception cref="CliException">The server did not answer; the message says why.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw e.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied }
                ? new CliException(ExitCode.NotPermitted, "The server's control socket is not for this user", "Run the command as the user that the server runs as, or have yourself put into the group that ogrt.control.group names.", e)
                : new CliException(ExitCode.Unavailable, "No server answers", "Is it running? The configuration must be that of the server.", e);
        }
        catch (TaskCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new CliException(ExitCode.TryLater, "The server did not answer in time", "", e);
        }
    }

    /// <summary>The error of an answer that is none of success.</summary>
    public static async Task<CliException> RefusalAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        string text = (await answer.Content.ReadAsStringAsync(cancel).ConfigureAwait(false)).Trim();
        int code = answer.StatusCode switch
        {
            HttpStatusCode.NotFound => ExitCode.NoInput,
            HttpStatusCode.Forbidden => ExitCode.NotPermitted,
            HttpStatusCode.BadRequest => ExitCode.Usage,
            HttpStatusCode.Conflict => ExitCode.Usage,
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => ExitCode.TryLater,
            _ => ExitCode.Software,
        };
        return new CliException(code, text.Length > 0 ? text : $"The server answered {(int)answer.StatusCode}");
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
