using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Ogrt.Server.Hosting;

namespace Ogrt.Server.Tail;

/// <summary>What <c>ogrt-server tail</c> asks of the running server: records as they arrive, on the control socket alone.</summary>
internal sealed class TailEndpoint(ServerParts parts)
{
    /// <summary>How many may look at the same time: each costs the processor time of reading.</summary>
    public const int MostTails = 8;

    /// <summary>One who has not read what was sent for so long is cut off.</summary>
    private static readonly TimeSpan SlowClient = TimeSpan.FromSeconds(10);

    private int _tails;

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/tail", context => ControlAccess.OnSocketAsync(context, () => TailAsync(context)));

    private async Task TailAsync(HttpContext context)
    {
        TailFilter? filter = TailFilter.Parse(name => context.Request.Query[name].ToString(), out string? wrong);
        if (filter is null)
        {
            await SayAsync(context, StatusCodes.Status400BadRequest, wrong + "\n").ConfigureAwait(false);
            return;
        }
        if (parts.Journal is not { } journal || parts.Phase != ServerPhase.Running)
        {
            await SayAsync(context, StatusCodes.Status503ServiceUnavailable, "The server is starting or stopping.\n").ConfigureAwait(false);
            return;
        }
        if (Interlocked.Increment(ref _tails) > MostTails)
        {
            Interlocked.Decrement(ref _tails);
            await SayAsync(context, StatusCodes.Status503ServiceUnavailable, $"{MostTails} tails run already; each costs the server time.\n").ConfigureAwait(false);
            return;
        }
        try
        {
            int rate = int.TryParse(context.Request.Query["rate"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int asked)
                ? Math.Clamp(asked, 1, TailStream.MostRate)
                : TailStream.DefaultRate;
            using var stream = new TailStream(journal.OpenTail(), filter, rate);
            context.Response.ContentType = "application/x-ndjson";
            await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            await stream.RunAsync(lines => WriteAsync(context, lines), () => parts.Phase == ServerPhase.Running, context.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Nobody reads it any more.
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // A disk that does not answer, or a journal that was closed meanwhile: the answer ends here, and visibly so.
            context.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _tails);
        }
    }

    private static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> lines)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(SlowClient);
        try
        {
            await context.Response.Body.WriteAsync(lines, limit.Token).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
            throw;
        }
    }

    private static Task SayAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
