using System.Globalization;
using System.Text.Json;

namespace Ogrt.Specs.Soak;

/// <summary>A record as a target has it, looked at when it came: what it is, and what is wrong with it.</summary>
/// <param name="Number">Its number; -1 for a job record and for what is nothing that was sent.</param>
/// <param name="Id">The id under which the target keeps it, or the event id beside it.</param>
/// <param name="Wrong">How it differs from what was made; null when it does not.</param>
/// <param name="Job">The job record that it is.</param>
/// <param name="Place">Where the target keeps it, and under what time: to be checked against its arrival; null where the
/// target does not choose by time.</param>
internal sealed record Found(long Number, string Id, string? Wrong = null, FoundJob? Job = null, string? Place = null)
{
    /// <summary>The place of a document by its index and time.</summary>
    public static string PlaceOf(string index, long milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{index} at {milliseconds}");

    /// <summary>Looks at a document.</summary>
    /// <param name="document">The document: the keys of docs/wire.md, and others.</param>
    /// <param name="type">What it is said to be.</param>
    /// <param name="id">Its id.</param>
    /// <param name="unitNs">Nanoseconds of the unit of its time.</param>
    /// <param name="frames">What made it.</param>
    /// <param name="others">Keys that the sink adds.</param>
    public static Found Of(JsonElement document, string? type, string id, long unitNs, NumberedFrames frames, params ReadOnlySpan<string> others)
    {
        try
        {
            if (type == "job")
                return new Found(-1, id, Job: FoundJob.Of(document));
            if (type is not ("process" or "process_end"))
                return new Found(-1, id, $"A record of type {type}: {document}");
            long number = NumberedFrames.NumberOf(document.GetProperty("start_ticks").GetUInt64(), type == "process_end");
            if (number < 0 || NumberedFrames.IsEnd(number) != (type == "process_end"))
                return new Found(-1, id, $"Nothing that was sent: {document}");
            return new Found(number, id, Difference(ExpectedJson.Of(frames.Message(number), unitNs), document, others));
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return new Found(-1, id, $"{e.Message} {document}");
        }
    }

    private static string? Difference(JsonElement expected, JsonElement found, ReadOnlySpan<string> others)
    {
        int count = 0;
        foreach (JsonProperty property in found.EnumerateObject())
        {
            if (others.Contains(property.Name))
                continue;
            count++;
            if (!expected.TryGetProperty(property.Name, out JsonElement value))
                return $"It has {property.Name}, which was not sent.";
            if (!JsonElement.DeepEquals(value, property.Value))
                return $"{property.Name} is {property.Value.GetRawText()} and should be {value.GetRawText()}.";
        }
        int all = expected.EnumerateObject().Count();
        return count == all ? null : $"It has {count} fields and should have {all}: {found}";
    }
}
