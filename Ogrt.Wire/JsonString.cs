using System.Buffers;

namespace Ogrt.Wire;

/// <summary>A string of JSON by itself, for documents around those of this project.</summary>
public static class JsonString
{
    /// <summary>Writes bytes as a string with its quotation marks; each byte that is not UTF-8 becomes U+FFFD.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> value)
    {
        var text = new JsonText(output);
        text.String(value);
        text.Flush();
    }
}
