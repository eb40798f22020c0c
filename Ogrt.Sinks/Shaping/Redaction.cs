using System.Text;

namespace Ogrt.Sinks.Shaping;

/// <summary>Blacks out what patterns say is secret. Used by one thread at a time.</summary>
internal sealed class Redaction(IReadOnlyList<TextPattern> patterns)
{
    private const string Mark = "[redacted]";

    /// <summary>Whether there is anything to look for.</summary>
    public bool IsEmpty => patterns.Count == 0;

    /// <summary>A text without its secrets; null when it has none. Bytes that are no UTF-8 become U+FFFD in one that has.</summary>
    public byte[]? Of(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        List<(int Start, int Length)> places = Places(text);
        return places.Count == 0 ? null : Encoding.UTF8.GetBytes(BlackOut(text, 0, text.Length, places));
    }

    /// <summary>
    /// Arguments without their secrets; null when they have none. They are looked at as one line with blanks between them, so
    /// that a pattern for <c>--password</c> and what follows it holds whether that is one argument or two.
    /// </summary>
    public List<byte[]>? Of(List<byte[]> arguments)
    {
        var parts = arguments.ConvertAll(a => Encoding.UTF8.GetString(a));
        string line = string.Join(' ', parts);
        List<(int Start, int Length)> places = Places(line);
        if (places.Count == 0)
            return null;
        var redacted = new List<byte[]>(parts.Count);
        int begin = 0;
        foreach (string part in parts)
        {
            redacted.Add(Encoding.UTF8.GetBytes(BlackOut(line, begin, begin + part.Length, places)));
            begin += part.Length + 1;
        }
        return redacted;
    }

    private List<(int Start, int Length)> Places(string text)
    {
        List<(int Start, int Length)>? all = null;
        foreach (TextPattern pattern in patterns)
        {
            List<(int, int)> places = pattern.Secrets(text);
            if (places.Count > 0)
                (all ??= []).AddRange(places);
        }
        all?.Sort();
        return all ?? [];
    }

    /// <summary>The part of a text from <paramref name="begin"/> to <paramref name="end"/>, with a mark for each place in it.</summary>
    private static string BlackOut(string text, int begin, int end, List<(int Start, int Length)> places)
    {
        var result = new StringBuilder();
        int at = begin;
        foreach ((int start, int length) in places)
        {
            int from = Math.Max(start, at), to = Math.Min(start + length, end);
            if (from >= to)
                continue;
            result.Append(text, at, from - at).Append(Mark);
            at = to;
        }
        return result.Append(text, at, end - at).ToString();
    }
}
