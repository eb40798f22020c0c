using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ogrt.Server.Hosting;

/// <summary>How JSON looks on the control socket, and in what the commands print of it.</summary>
internal static class ControlJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };
}
