using System.Text.Json;

namespace Ogrt.Sinks.Splunk;

/// <summary>
/// What the collector says in the body of an answer: <c>{"text":…,"code":…,"invalid-event-number":…,"ackId":…}</c>. What is
/// not there, or is no number, is null.
/// </summary>
/// <param name="Code">Its code (docs/sinks-splunk.md has the table).</param>
/// <param name="EventNumber">Which event of the request it cannot take, from 0.</param>
/// <param name="AckId">The request's number, by which its acknowledgement is asked for.</param>
internal readonly record struct HecAnswer(int? Code, int? EventNumber, long? AckId)
{
    /// <summary>Reads a body. One that is not an object as a whole says nothing.</summary>
    public static HecAnswer Read(ReadOnlySpan<byte> body)
    {
        int? code = null, eventNumber = null;
        long? ackId = null;
        var json = new Utf8JsonReader(body);
        try
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return default;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("code"u8))
                    code = Number(ref json) is { } n and >= 0 and <= int.MaxValue ? (int)n : null;
                else if (json.ValueTextEquals("invalid-event-number"u8))
                    eventNumber = Number(ref json) is { } n and >= int.MinValue and <= int.MaxValue ? (int)n : null;
                else if (json.ValueTextEquals("ackId"u8))
                    ackId = Number(ref json);
                else
                    json.Skip();
            }
            // Behind the object there must be nothing: half of another answer would be somebody else's.
            return json.Read() ? default : new HecAnswer(code, eventNumber, ackId);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static long? Number(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Number && json.TryGetInt64(out long number))
            return number;
        json.Skip();
        return null;
    }
}
