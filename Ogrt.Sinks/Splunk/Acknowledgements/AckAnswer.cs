using System.Globalization;
using System.Text.Json;

namespace Ogrt.Sinks.Splunk.Acknowledgements;

/// <summary>The questions for acknowledgements and their answers: <c>{"acks":[1,2]}</c> and <c>{"acks":{"1":true,"2":false}}</c>.</summary>
internal static class AckAnswer
{
    /// <summary>Writes a question.</summary>
    public static byte[] Ask(IEnumerable<long> ids) =>
        System.Text.Encoding.ASCII.GetBytes("{\"acks\":[" + string.Join(',', ids.Select(i => i.ToString(CultureInfo.InvariantCulture))) + "]}");

    /// <summary>The numbers that an answer calls indexed; null when it cannot be read, and then it says nothing.</summary>
    public static HashSet<long>? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("acks"u8, out JsonElement acks) || acks.ValueKind != JsonValueKind.Object)
                return null;
            var indexed = new HashSet<long>();
            foreach (JsonProperty ack in acks.EnumerateObject())
            {
                // Only the word itself is one: a text "true" is from somebody who means something else.
                if (ack.Value.ValueKind == JsonValueKind.True
                    && long.TryParse(ack.Name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long id))
                    indexed.Add(id);
            }
            return indexed;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
