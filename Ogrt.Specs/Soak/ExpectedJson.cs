using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Soak;

/// <summary>
/// The JSON that docs/wire.md promises for a message, made from the message's descriptor and so by nothing that writes it in
/// the product.
/// </summary>
internal static class ExpectedJson
{
    /// <summary>The object of a process or of the end of one.</summary>
    /// <param name="message">The message.</param>
    /// <param name="unitNs">Nanoseconds of the unit of <c>time</c> and <c>end_time</c>.</param>
    public static JsonElement Of(IMessage message, long unitNs)
    {
        JsonObject json = ObjectOf(message);
        if (message is ProcessInfo process)
            json["time"] = FloorDivide(process.TimeNs, unitNs);
        else if (message is ProcessEnd end)
            json["end_time"] = FloorDivide(end.EndTimeNs, unitNs);
        return JsonSerializer.SerializeToElement(json);
    }

    /// <summary>Division that rounds down, also before 1970.</summary>
    public static long FloorDivide(long value, long unit) => Math.DivRem(value, unit, out long rest) - (rest < 0 ? 1 : 0);

    private static JsonObject ObjectOf(IMessage message)
    {
        var json = new JsonObject();
        foreach (FieldDescriptor field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.IsRepeated)
            {
                var items = (System.Collections.IList)field.Accessor.GetValue(message);
                if (items.Count > 0)
                    json[field.Name] = new JsonArray([.. items.Cast<object>().Select(ValueOf)]);
            }
            else if (field.Accessor.HasValue(message))
            {
                json[field.Name] = ValueOf(field.Accessor.GetValue(message));
            }
        }
        return json;
    }

    private static JsonNode ValueOf(object value) => value switch
    {
        IMessage message => ObjectOf(message),
        ByteString bytes => JsonValue.Create(Convert.ToHexStringLower(bytes.Span)),
        string text => JsonValue.Create(text),
        _ => JsonSerializer.SerializeToNode(value, value.GetType())!,
    };
}
