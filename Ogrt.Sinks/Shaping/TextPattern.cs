using System.Text;
using System.Text.RegularExpressions;

namespace Ogrt.Sinks.Shaping;

/// <summary>
/// A regular expression that an operator wrote, over texts that users wrote: it is matched in linear time where it can be, and
/// otherwise given up after a time limit, which counts as no match.
/// </summary>
public sealed class TextPattern
{
    private readonly Regex _regex;
    private long _timeouts;

    private TextPattern(Regex regex) => _regex = regex;

    /// <summary>Its text.</summary>
    public string Pattern => _regex.ToString();

    /// <summary>Matches that were given up.</summary>
    public long Timeouts => Interlocked.Read(ref _timeouts);

    /// <summary>Makes a pattern.</summary>
    /// <param name="pattern">The text of a .NET regular expression; it matches anywhere in a text unless it is anchored.</param>
    /// <param name="limit">The longest time that one match may take, where look-around and back-references need backtracking.</param>
    /// <exception cref="ArgumentException">It is no regular expression; the message says where.</exception>
    public static TextPattern Create(string pattern, TimeSpan limit)
    {
        try
        {
            return new TextPattern(new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking));
        }
        catch (NotSupportedException)
        {
            return new TextPattern(new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, limit));
        }
    }

    /// <summary>Whether a text, UTF-8 or not, has a match. Bytes that are no UTF-8 are U+FFFD.</summary>
    public bool IsMatch(ReadOnlySpan<byte> text)
    {
        try
        {
            return _regex.IsMatch(Encoding.UTF8.GetString(text));
        }
        catch (RegexMatchTimeoutException)
        {
            Interlocked.Increment(ref _timeouts);
            return false;
        }
    }

    /// <summary>
    /// The places of a text that the pattern means: its group <c>secret</c> where it has one, else the whole match. A match that is
    /// given up means the whole text: what might be a secret is rather hidden.
    /// </summary>
    internal List<(int Start, int Length)> Secrets(string text)
    {
        var places = new List<(int, int)>();
        try
        {
            for (Match match = _regex.Match(text); match.Success; match = match.NextMatch())
            {
                Group secret = match.Groups["secret"];
                if (secret.Success)
                    places.Add((secret.Index, secret.Length));
                else if (match.Length > 0)
                    places.Add((match.Index, match.Length));
            }
        }
        catch (RegexMatchTimeoutException)
        {
            Interlocked.Increment(ref _timeouts);
            return [(0, text.Length)];
        }
        return places;
    }
}
