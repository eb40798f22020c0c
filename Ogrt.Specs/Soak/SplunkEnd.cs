using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Ogrt.Specs.Soak;

/// <summary>Plays Splunk's event collector without acknowledgement: a request with an event that it refuses is refused as a whole,
/// with the number of that event.</summary>
internal sealed class SplunkEnd(NumberedFrames frames, DirectoryInfo files) : HttpEnd
{
    private const string Token = "7d1dd0cc-6c1f-4f0e-a4fb-0d7d3ac1a7d6";

    private readonly ConcurrentQueue<Found> _events = new();

    /// <inheritdoc/>
    public override string Sink => "hec";

    /// <inheritdoc/>
    public override bool RefusesPoison => true;

    /// <inheritdoc/>
    public override IEnumerable<string> Settings
    {
        get
        {
            string file = Path.Combine(files.FullName, "splunk.token");
            File.WriteAllText(file, Token + "\n");
            return ["type=splunk", $"endpoints={Url}", $"token-file={file}", "max-in-flight=4", "request-timeout=1 s", "circuit.min=50 ms", "circuit.max=200 ms"];
        }
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<Found> ReadAsync(string dataDirectory, NumberedFrames _, Ledger ledger)
    {
        await Task.CompletedTask;
        foreach (Found found in _events)
            yield return found;
    }

    /// <inheritdoc/>
    protected override void Map(WebApplication server)
    {
        server.MapGet("/services/collector/health", context => AnswerAsync(context, 200, """{"text":"HEC is healthy","code":17}"""));
        server.MapPost("/services/collector/event", ReceiveAsync);
    }

    /// <inheritdoc/>
    protected override (int Status, string Body) Refusal(FaultKind fault) => fault == FaultKind.Full
        ? (503, """{"text":"Server is busy","code":9}""")
        : (403, """{"text":"Token disabled","code":1}""");

    /// <inheritdoc/>
    protected override (int Status, string Body) Take(byte[] body, Func<int, FaultKind?> refuses)
    {
        var events = new List<Found>();
        var json = new Utf8JsonReader(body, new JsonReaderOptions { AllowMultipleValues = true });
        while (json.Read())
        {
            JsonElement envelope = JsonElement.ParseValue(ref json);
            JsonElement document = envelope.GetProperty("event");
            switch (refuses(events.Count))
            {
                case FaultKind.FullForItems:
                    return Refusal(FaultKind.Full);
                case FaultKind.ReadOnly:
                    return Refusal(FaultKind.ReadOnly);
            }
            if (document.TryGetProperty("job_step", out JsonElement step) && step.GetString() == NumberedFrames.Poison)
                return (400, $$"""{"text":"Error in handling indexed fields","code":15,"invalid-event-number":{{events.Count}}}""");
            events.Add(Look(envelope, document));
        }
        events.ForEach(_events.Enqueue);
        return (200, """{"text":"Success","code":0}""");
    }

    private Found Look(JsonElement envelope, JsonElement document)
    {
        JsonElement fields = envelope.GetProperty("fields");
        Found found = Found.Of(document, fields.GetProperty("type").GetString(), fields.GetProperty("event_id").GetString()!, 1_000_000_000, frames);
        if (found.Number < 0 || found.Wrong is not null)
            return found;
        decimal time = decimal.Parse(envelope.GetProperty("time").GetRawText(), CultureInfo.InvariantCulture);
        long should = frames.TimeOf(found.Number);
        return time * 1_000_000_000m == should ? found : found with { Wrong = $"Its time is {time} and should be {should} ns." };
    }
}
