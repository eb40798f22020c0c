using System.Text;

namespace Ogrt.Specs.Sinks;

internal static class TextExtensions
{
    /// <summary>A string as it is after a way through UTF-8.</summary>
    public static string Normalized(this string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
