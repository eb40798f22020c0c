using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Ogrt.Sinks.DeadLetters;
using Ogrt.Sinks.Delivery;

namespace Ogrt.Server.Hosting;

/// <summary>
/// What <c>ogrt-server sinks</c> and <c>ogrt-server deadletters</c> ask of the running server. Answered on the control socket alone, to
/// whom <see cref="ControlAccess"/> lets in.
/// </summary>
internal static class SinkEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ServerParts parts)
    {
        routes.MapGet("/sinks", context => ControlAccess.OnSocketAsync(context, () => context.Response.WriteAsJsonAsync(
            parts.Sinks.Select(SinkView.Of).OrderBy(s => s.Name, StringComparer.Ordinal), ControlJson.Options, context.RequestAborted)));
        routes.MapPost("/sinks/{name}/resume", context => WithSinkAsync(context, parts, sink =>
        {
            sink.Resume(acceptRefusals: context.Request.Query["accept-refusals"] == "yes");
            return context.Response.WriteAsync("ok\n", context.RequestAborted);
        }));
        routes.MapPost("/sinks/{name}/dead-letters/drop", context => WithSinkAsync(context, parts, sink => DropAsync(context, sink)));
        routes.MapPost("/sinks/{name}/dead-letters/retry", context => WithSinkAsync(context, parts, sink => RetryAsync(context, sink)));
    }

    private static async Task DropAsync(HttpContext context, SinkDelivery sink)
    {
        if (await SelectionAsync(context) is not { } selection) return;
        // Read first: a letter that comes meanwhile was not among those that somebody looked at.
        List<long> numbers = [.. sink.DeadLetters.Read().Where(selection.Includes).Select(l => l.Number)];
        sink.DeadLetters.Settle(numbers);
        await context.Response.WriteAsync(numbers.Count.ToString(CultureInfo.InvariantCulture) + "\n", context.RequestAborted);
    }

    /// <summary>Answers with a line of JSON for each batch, so that whoever waits sees how it goes; the last has <c>done</c> or <c>error</c>.</summary>
    private static async Task RetryAsync(HttpContext context, SinkDelivery sink)
    {
        if (await SelectionAsync(context) is not { } selection) return;
        context.Response.ContentType = "application/x-ndjson";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        var lines = System.Threading.Channels.Channel.CreateBounded<RetryResult>(
            new System.Threading.Channels.BoundedChannelOptions(1) { FullMode = System.Threading.Channels.BoundedChannelFullMode.DropOldest });
        Task<RetryResult> retry = Task.Run(
            () => sink.RetryDeadLettersAsync(selection, result => lines.Writer.TryWrite(result), context.RequestAborted), CancellationToken.None);
        _ = retry.ContinueWith(_ => lines.Writer.Complete(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await foreach (RetryResult result in lines.Reader.ReadAllAsync(context.RequestAborted))
            await WriteLineAsync(context, new { result.Sent, result.Delivered, result.Refused });
        try
        {
            RetryResult all = await retry;
            await WriteLineAsync(context, new { all.Sent, all.Delivered, all.Refused, Done = true });
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await WriteLineAsync(context, new { Error = "The sink is stopping; what has been delivered by now is settled." });
        }
        catch (IOException e)
        {
            await WriteLineAsync(context, new { Error = e.Message });
        }
    }

    private static async Task WriteLineAsync<T>(HttpContext context, T line)
    {
        await context.Response.WriteAsync(JsonSerializer.Serialize(line, ControlJson.Options) + "\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static async Task<LetterSelection?> SelectionAsync(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        IReadOnlyList<(long, long)> numbers = [];
        string text = query["numbers"].ToString();
        if (text.Length > 0 && !LetterSelection.TryParseNumbers(text, out numbers)
            || !TryTime(query["from"].ToString(), out long? from)
            || !TryTime(query["before"].ToString(), out long? before))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("The selection of dead letters cannot be read.\n", context.RequestAborted);
            return null;
        }
        string reason = query["reason"].ToString();
        return new LetterSelection { Numbers = numbers, Reason = reason.Length > 0 ? reason : null, RefusedFromNs = from, RefusedBeforeNs = before };
    }

    private static bool TryTime(string text, out long? time)
    {
        time = null;
        if (text.Length == 0) return true;
        bool read = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value);
        time = value;
        return read;
    }

    private static Task WithSinkAsync(HttpContext context, ServerParts parts, Func<SinkDelivery, Task> act) => ControlAccess.OnSocketAsync(context, () =>
    {
        string name = context.Request.RouteValues["name"]?.ToString() ?? "";
        if (parts.Sinks.FirstOrDefault(s => s.Name == name) is { } sink) return act(sink);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        string names = string.Join(", ", parts.Sinks.Select(s => s.Name).Order(StringComparer.Ordinal));
        return context.Response.WriteAsync($"There is no running sink '{name}'; there are: {names}\n", context.RequestAborted);
    });
}
