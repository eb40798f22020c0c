using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ogrt.Server.Configuration;
using Ogrt.Server.Metrics;
using Ogrt.Server.Overview;
using Ogrt.Server.Tail;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Hosting;

/// <summary>
/// Health and metrics on the HTTP port, and on the control socket besides these what the commands ask: jobs. Nothing about
/// jobs or users is answered on the port, which every user of the machine can reach.
/// </summary>
public sealed class HttpEndpoints : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly PrometheusText _metrics = new();
    private readonly OverviewSource _overview;

    private HttpEndpoints(WebApplication application, OverviewSource overview) => (_application, _overview) = (application, overview);

    /// <summary>The address of the HTTP port, with the port that the system chose for 0; null when it is off.</summary>
    public IPEndPoint? Address { get; private set; }

    /// <summary>Binds port and socket, and begins to answer.</summary>
    /// <exception cref="IOException">The port or the socket's path cannot be had.</exception>
    /// <param name="runtime">The settings of all parts.</param>
    /// <param name="parts">The parts.</param>
    /// <param name="stop">Begins an orderly stop of the server.</param>
    /// <param name="log">Where refusals are told.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<HttpEndpoints> StartAsync(RuntimeSettings runtime, ServerParts parts, Action stop, ILogger log, CancellationToken cancel)
    {
        ServerSettings settings = runtime.Server;
        IPEndPoint? bound = null;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.Configure<SocketTransportOptions>(options => options.CreateBoundListenSocket = endPoint =>
        {
            if (endPoint is UnixDomainSocketEndPoint) return ControlSocket.Bind(settings.ControlPath, settings.ControlGroup is not null);
            Socket socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
            bound = (IPEndPoint)socket.LocalEndPoint!;
            return socket;
        });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 256;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            if (settings.HttpEnabled) kestrel.Listen(settings.HttpEndpoint, o => o.Protocols = HttpProtocols.Http1);
            kestrel.Listen(new UnixDomainSocketEndPoint(ControlSocket.Address(settings.ControlPath)), o => o.Protocols = HttpProtocols.Http1);
        });
        WebApplication application = builder.Build();
        var endpoints = new HttpEndpoints(application, new OverviewSource(parts));
        var access = new ControlAccess(settings.ControlGroup, settings.ControlGroup is null ? null : SystemGroup.Find(settings.ControlGroup), log);
        application.Use(access.CheckAsync);
        application.UseRouting();
        application.MapGet("/health/live", () => Results.Text("live\n"));
        application.MapGet("/health/ready", (HttpContext context) => WriteReadiness(context, parts));
        application.MapGet("/metrics", () => Results.Text(endpoints._metrics.Write(), PrometheusText.ContentType));
        SinkEndpoints.Map(application, parts);
        OverviewEndpoints.Map(application, parts, endpoints._overview);
        new TailEndpoint(parts).Map(application);
        new ClusterEndpoints(runtime, parts, stop).Map(application);
        application.MapGet("/jobs", (HttpContext context) => WriteJobAsync(context, parts));
        try
        {
            await application.StartAsync(cancel).ConfigureAwait(false);
        }
        catch
        {
            await endpoints.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        endpoints.Address = bound;
        return endpoints;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
        _overview.Dispose();
    }

    private static Task WriteReadiness(HttpContext context, ServerParts parts)
    {
        IReadOnlyDictionary<string, PartState> states = parts.States();
        bool ready = states.Values.All(s => s.IsReady);
        context.Response.StatusCode = ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(JsonSerializer.Serialize(new
        {
            ready,
            parts = states.ToDictionary(s => s.Key, s => new { state = s.Value.State, ready = s.Value.IsReady, detail = s.Value.Detail }),
        }) + "\n");
    }

    private static async Task WriteJobAsync(HttpContext context, ServerParts parts)
    {
        if (!ControlAccess.IsControl(context))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (parts.Phase != ServerPhase.Running)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }
        try
        {
            JobRecord? record = await parts.GetJobAsync(context.Request.Query["id"].ToString(), context.RequestAborted).ConfigureAwait(false);
            if (record is null)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }
            byte[] bytes = record.ToByteArray();
            context.Response.ContentType = "application/x-protobuf";
            context.Response.Headers.ContentLength = bytes.Length;
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            context.Response.StatusCode = StatusCodes.Status504GatewayTimeout;
        }
    }
}
