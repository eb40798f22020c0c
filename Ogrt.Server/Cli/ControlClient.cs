using System.Net;
using System.Net.Sockets;
using System.Text;
using Ogrt.Server.Configuration;
using Ogrt.Server.Hosting;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Cli;

/// <summary>Asks the running server by its control socket.</summary>
public static class ControlClient
{
    /// <summary>A live job.</summary>
    /// <returns>The job, or null and why there is none: no server, no access, or a server that does not know it.</returns>
    public static async Task<(JobRecord? Record, string Why)> GetJobAsync(ServerSettings settings, string jobId, CancellationToken cancel)
    {
        if (!File.Exists(settings.ControlPath)) return (null, "no server runs");
        using var handler = new SocketsHttpHandler
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
        using var client = new HttpClient(handler) { Timeout = settings.ControlTimeout };
        try
        {
            // Bounded as the server itself bounds it: the first line of a request may have 8 KiB.
            string bounded = JobName.FromBytes(Encoding.UTF8.GetBytes(jobId));
            using HttpResponseMessage answer = await client.GetAsync("http://control/jobs?id=" + Uri.EscapeDataString(bounded), cancel).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode) return (null, Reason(answer.StatusCode));
            byte[] bytes = await answer.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false);
            return (JobRecord.Parser.ParseFrom(bytes), "");
        }
        catch (HttpRequestException e)
        {
            return (null, e.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied }
                ? "the server's control socket is not for this user"
                : "no server answers");
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (null, "the server did not answer in time");
        }
        catch (Google.Protobuf.InvalidProtocolBufferException)
        {
            return (null, "the server is of another version");
        }
    }

    private static string Reason(HttpStatusCode status) => status switch
    {
        HttpStatusCode.NotFound => "the server does not have it in memory",
        HttpStatusCode.ServiceUnavailable => "the server is starting or stopping",
        _ => "the job did not answer in time",
    };
}
