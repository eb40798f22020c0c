using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Ogrt.Actors.Watch;
using Ogrt.Server.Hosting;

namespace Ogrt.Server.Overview;

/// <summary>What <c>ogrt-server top</c>, <c>metrics</c> and <c>actors</c> ask of the running server, on the control socket alone.</summary>
internal static class OverviewEndpoints
{
    /// <summary>Jobs and compute nodes in one answer at most.</summary>
    public const int MostRows = 5000;

    private const int Rows = 200;

    public static void Map(IEndpointRouteBuilder routes, ServerParts parts, OverviewSource source)
    {
        routes.MapGet("/overview", context => ControlAccess.OnSocketAsync(context, async () =>
        {
            OverviewView view = await source.LookAsync(Limit(context, "jobs"), Limit(context, "nodes"), context.RequestAborted).ConfigureAwait(false);
            await context.Response.WriteAsJsonAsync(view, ControlJson.Options, context.RequestAborted).ConfigureAwait(false);
        }));
        routes.MapGet("/actors", context => ControlAccess.OnSocketAsync(context, () => parts.System is { } system
            ? context.Response.WriteAsJsonAsync(ActorTree.Describe(system), ControlJson.Options, context.RequestAborted)
            : SayAsync(context, StatusCodes.Status503ServiceUnavailable, "The server is starting.\n")));
    }

    private static int Limit(HttpContext context, string name) =>
        int.TryParse(context.Request.Query[name].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int limit) ? Math.Min(limit, MostRows) : Rows;

    private static Task SayAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
