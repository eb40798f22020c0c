using System.Globalization;
using System.Text;

namespace Ogrt.Server.Configuration;

/// <summary>Reads an included file.</summary>
/// <param name="name">The name as it is written.</param>
/// <param name="line">The line of the <c>include</c>.</param>
public delegate IEnumerable<HoconAssignment> HoconInclude(string name, int line);

/// <summary>
/// Reads the assignments of a HOCON file together with their lines. Akka's parser keeps no positions and forgives what is
/// most often a slip (a brace too many, a key without a value); this one is strict, and a spec holds that wherever it
/// accepts a file, both read the same.
/// </summary>
/// <remarks>
/// Read: objects, dotted and quoted keys, <c>=</c> and <c>:</c>, comments, quoted and triple-quoted and unquoted texts,
/// <c>${path}</c>, lists of values, <c>include</c>. Refused with a sentence that says what to write instead: <c>+=</c>,
/// <c>${?path}</c>, and objects in lists or joined with anything.
/// </remarks>
public sealed class HoconScanner
{
    private const string NotInUnquotedText = "$\"{}[]:=,+#`^?!@*&\\";
    private const string NotInUnquotedKey = NotInUnquotedText + ".";
    private const int MaxDepth = 64;

    private readonly string _text;
    private readonly string _file;
    private readonly HoconInclude? _include;
    private readonly List<HoconAssignment> _found = [];
    private readonly StringBuilder _comment = new();
    private int _position;
    private int _line = 1;
    private int _commentEndLine;

    private HoconScanner(string text, string file, HoconInclude? include)
    {
        _text = text;
        _file = file;
        _include = include;
    }

    /// <summary>Reads a file's text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Its name, for the assignments and the faults.</param>
    /// <param name="include">Reads the file of an <c>include</c>; null where there must be none.</param>
    /// <returns>The assignments in their order, those of included files where they are included.</returns>
    /// <exception cref="HoconSyntaxException">The text is not in the form that is read.</exception>
    public static IReadOnlyList<HoconAssignment> Scan(string text, string file, HoconInclude? include = null)
    {
        var scanner = new HoconScanner(text, file, include);
        scanner.ScanFile();
        return scanner._found;
    }

    private bool AtEnd => _position >= _text.Length;

    private char Current => AtEnd ? '\0' : _text[_position];

    private void ScanFile()
    {
        if (_text.StartsWith('\uFEFF')) _position++;
        SkipBlanks();
        if (Current == '{')
        {
            Take();
            ScanMembers("", closed: true, depth: 1);
            SkipBlanks();
            if (!AtEnd) throw Fault("there is something behind the closing brace of the file");
            return;
        }
        ScanMembers("", closed: false, depth: 1);
    }

    private void ScanMembers(string prefix, bool closed, int depth)
    {
        if (depth > MaxDepth) throw Fault($"objects are nested more than {MaxDepth} deep");
        int opened = _line;
        while (true)
        {
            SkipBlanks();
            if (AtEnd)
            {
                if (closed) throw Fault($"the brace opened in line {opened} is not closed");
                return;
            }
            if (Current == '}')
            {
                if (!closed) throw Fault("a brace is closed that was not opened");
                Take();
                return;
            }
            ScanMember(prefix, depth);
            EndMember();
        }
    }

    private void ScanMember(string prefix, int depth)
    {
        int line = _line;
        // A blank line between a comment and a key parts them: the comment is a heading then.
        string comment = _commentEndLine >= line - 1 ? _comment.ToString() : "";
        _comment.Clear();

        bool quoted = Current == '"';
        string key = ScanKeySegment();
        if (key == "include" && !quoted && TryScanInclude(prefix)) return;

        string path = prefix.Length == 0 ? key : prefix + "." + key;
        SkipSpaces();
        while (Current == '.')
        {
            Take();
            path += "." + ScanKeySegment();
            SkipSpaces();
        }

        SkipBlanks(keepComment: true);
        switch (Current)
        {
            case '{':
                Take();
                ScanMembers(path, closed: true, depth + 1);
                return;
            case '+':
                throw Fault($"'+=' is not supported: write the whole list of '{path}'");
            case '=' or ':':
                Take();
                break;
            default:
                throw Fault($"'=' or '{{' is expected behind '{path}'");
        }
        int assigned = _line;
        SkipBlanks(keepComment: true);
        if (Current == '{')
        {
            Take();
            ScanMembers(path, closed: true, depth + 1);
            return;
        }
        // A value in the next line is most often the next key, of which this one was to have a value.
        if (_line != assigned && Current != '[') throw new HoconSyntaxException($"'{path}' has no value", _file, assigned);
        ConfigValue value = ScanValue(path, depth);
        _found.Add(new HoconAssignment(path, value, _file, line, (comment + " " + TrailingComment()).Trim()));
    }

    private bool TryScanInclude(string prefix)
    {
        SkipSpaces();
        bool required = _text.AsSpan(_position).StartsWith("required(");
        if (Current != '"' && !required) return false;
        if (required) _position += "required(".Length;
        SkipSpaces();
        if (Current != '"') throw Fault("the name behind include must be quoted");
        string name = ScanQuoted();
        SkipSpaces();
        if (required)
        {
            if (Current != ')') throw Fault("a ')' is expected behind the name of the included file");
            Take();
        }
        if (_include is null) throw Fault("include is not possible here");
        foreach (HoconAssignment included in _include(name, _line))
            _found.Add(prefix.Length == 0 ? included : included with { Path = prefix + "." + included.Path });
        return true;
    }

    private string ScanKeySegment()
    {
        if (Current == '"')
        {
            string quoted = ScanQuoted();
            if (quoted.Length == 0 || quoted.Contains('"')) throw Fault($"'{quoted}' is not possible as the name of a key");
            return quoted.Contains('.') ? $"\"{quoted}\"" : quoted;
        }
        int start = _position;
        while (!AtEnd && !char.IsWhiteSpace(Current) && !NotInUnquotedKey.Contains(Current) && !AtComment()) _position++;
        if (_position == start) throw Fault($"a key is expected, not '{Shown(Current)}'");
        return _text[start.._position];
    }

    private ConfigValue ScanValue(string path, int depth)
    {
        if (Current == '[')
        {
            ConfigValue list = ScanList(path, depth);
            SkipSpaces();
            if (!AtValueEnd()) throw Fault($"a list and something else are joined in '{path}': write one list");
            return list;
        }
        var parts = new List<ConfigValuePart>();
        while (true)
        {
            int blanks = _position;
            SkipSpaces();
            if (AtValueEnd()) break;
            // Blanks between two pieces of a line belong to the value.
            if (_position > blanks && parts.Count > 0) parts.Add(new ConfigValuePart(_text[blanks.._position], false));
            parts.Add(ScanPart(path));
        }
        if (parts.Count == 0) throw Fault($"'{path}' has no value");
        return new ConfigValue(Joined(parts));
    }

    // Neighbouring texts become one, so that "8 GiB" is one text whether it is quoted or not.
    private static List<ConfigValuePart> Joined(List<ConfigValuePart> parts)
    {
        var joined = new List<ConfigValuePart>();
        foreach (ConfigValuePart part in parts)
        {
            if (!part.IsSubstitution && joined.Count > 0 && !joined[^1].IsSubstitution)
                joined[^1] = new ConfigValuePart(joined[^1].Text + part.Text, false);
            else joined.Add(part);
        }
        return joined;
    }

    private ConfigValuePart ScanPart(string path)
    {
        if (Current == '"') return new ConfigValuePart(ScanQuoted(), false);
        if (Current == '$') return new ConfigValuePart(ScanSubstitution(path), true);
        if (Current is '{') throw Fault($"a value and an object are joined in '{path}': write one of them");
        if (Current is '[') throw Fault($"a value and a list are joined in '{path}': write one of them");
        int start = _position;
        while (!AtEnd && !char.IsWhiteSpace(Current) && !NotInUnquotedText.Contains(Current) && !AtComment()) _position++;
        if (_position == start) throw Fault($"'{Shown(Current)}' must be in quotes in the value of '{path}'");
        return new ConfigValuePart(_text[start.._position], false);
    }

    private string ScanSubstitution(string path)
    {
        if (!_text.AsSpan(_position).StartsWith("${")) throw Fault($"'$' must be in quotes in the value of '{path}'");
        _position += 2;
        if (Current == '?')
            throw Fault($"'${{?…}}' is not supported: leave '{path}' out here and override it by the variable {OverrideNames.Variable(path)}");
        int start = _position;
        while (!AtEnd && Current != '}' && Current != '\n') _position++;
        if (Current != '}') throw Fault("'${' is not closed");
        string target = _text[start.._position].Trim();
        Take();
        if (target.Length == 0 || target.IndexOfAny(['"', ' ', '\t']) >= 0) throw Fault($"'${{{target}}}' is not the path of a key");
        return target;
    }

    private ConfigValue ScanList(string path, int depth)
    {
        if (depth > MaxDepth) throw Fault($"lists are nested more than {MaxDepth} deep");
        int opened = _line;
        Take();
        var items = new List<ConfigValue>();
        while (true)
        {
            SkipBlanks();
            if (Current == ',' && items.Count > 0)
            {
                Take();
                SkipBlanks();
                if (Current is ',') throw Fault($"a value is missing in the list of '{path}'");
            }
            if (AtEnd) throw Fault($"the list opened in line {opened} is not closed");
            if (Current == ']') break;
            if (Current is '{') throw Fault($"an object stands in the list of '{path}': lists hold values only");
            items.Add(ScanValue(path, depth + 1));
        }
        Take();
        return new ConfigValue(items);
    }

    private string ScanQuoted()
    {
        bool triple = _text.AsSpan(_position).StartsWith("\"\"\"");
        string end = triple ? "\"\"\"" : "\"";
        int opened = _line;
        _position += end.Length;
        var text = new StringBuilder();
        while (!_text.AsSpan(Math.Min(_position, _text.Length)).StartsWith(end))
        {
            if (AtEnd || (!triple && Current == '\n')) throw new HoconSyntaxException("a quote is not closed", _file, opened);
            // Akka's parser reads escapes in both kinds of quotes.
            if (Current == '\\') text.Append(ScanEscape());
            else text.Append(Take());
        }
        _position += end.Length;
        return text.ToString();
    }

    private char ScanEscape()
    {
        Take();
        char escaped = AtEnd ? '\0' : Take();
        switch (escaped)
        {
            case '"' or '\\' or '/': return escaped;
            case 'b': return '\b';
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'u' when _position + 4 <= _text.Length && ushort.TryParse(
                _text.AsSpan(_position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code):
                _position += 4;
                return (char)code;
            default: throw Fault($"'\\{Shown(escaped)}' is not an escape sequence");
        }
    }

    private void EndMember()
    {
        SkipSpaces();
        if (Current == ',')
        {
            Take();
            SkipSpaces();
        }
        else if (!AtEnd && Current is not ('}' or '\n') && !AtComment())
        {
            throw Fault($"'{Shown(Current)}' stands behind a finished value");
        }
        // The comment behind a value is the value's; it must not become that of the next key.
        if (AtComment()) _position = EndOfLine();
    }

    private int EndOfLine()
    {
        int end = _text.IndexOf('\n', _position);
        return end < 0 ? _text.Length : end;
    }

    private bool AtValueEnd() => AtEnd || Current is '\n' or '\r' or ',' or '}' or ']' || AtComment();

    private bool AtComment() => Current == '#' || (Current == '/' && _position + 1 < _text.Length && _text[_position + 1] == '/');

    private string TrailingComment()
    {
        int position = _position;
        while (position < _text.Length && _text[position] is ' ' or '\t' or ',') position++;
        if (position >= _text.Length || _text[position] is not ('#' or '/')) return "";
        int end = _text.IndexOf('\n', position);
        return _text[position..(end < 0 ? _text.Length : end)].TrimStart('#', '/').Trim();
    }

    private void SkipSpaces()
    {
        while (!AtEnd && Current != '\n' && char.IsWhiteSpace(Current)) _position++;
    }

    private void SkipBlanks(bool keepComment = false)
    {
        while (!AtEnd)
        {
            if (char.IsWhiteSpace(Current))
            {
                Take();
            }
            else if (AtComment())
            {
                int end = EndOfLine();
                if (!keepComment)
                {
                    if (_commentEndLine < _line - 1) _comment.Clear();
                    if (_comment.Length > 0) _comment.Append(' ');
                    _comment.Append(_text[_position..end].TrimStart('#', '/').Trim());
                    _commentEndLine = _line;
                }
                _position = end;
            }
            else
            {
                return;
            }
        }
    }

    private char Take()
    {
        char c = _text[_position++];
        if (c == '\n') _line++;
        return c;
    }

    private HoconSyntaxException Fault(string message) => new(message, _file, _line);

    private static string Shown(char c) => c switch
    {
        '\0' => "the end of the file",
        '\n' or '\r' => "the end of the line",
        < ' ' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
        _ => c.ToString(),
    };
}
