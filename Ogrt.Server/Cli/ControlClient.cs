using System.Net;
using System.Text;
using Ogrt.Server.Configuration;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Cli;

/// <summary>Asks the running server for a job.</summary>
public static class ControlClient
{
    /// <summary>A live job.</summary>
    /// <returns>The job, or null and why there is none: no server, no access, or a server that does not know it.</returns>
    public static async Task<(JobRecord? Record, string Why)> GetJobAsync(ServerSettings settings, string jobId, CancellationToken cancel)
    {
        using ControlConnection? connection = ControlConnection.Open(settings);
        if (connection is null) return (null, "no server runs");
        try
        {
            // Bounded as the server itself bounds it: the first line of a request may have 8 KiB.
            string bounded = JobName.FromBytes(Encoding.UTF8.GetBytes(jobId));
            using HttpResponseMessage answer = await connection.SendAsync(HttpMethod.Get, "jobs?id=" + Uri.EscapeDataString(bounded), cancel).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode) return (null, Reason(answer.StatusCode));
            byte[] bytes = await answer.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false);
            return (JobRecord.Parser.ParseFrom(bytes), "");
        }
        catch (CliException e)
        {
            return (null, char.ToLowerInvariant(e.Message[0]) + e.Message[1..]);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (null, "the server broke its answer off");
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
        HttpStatusCode.Forbidden => "the server's control socket is not for this user",
        _ => "the job did not answer in time",
    };
}
