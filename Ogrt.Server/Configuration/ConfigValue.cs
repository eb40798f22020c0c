using System.Text;

namespace Ogrt.Server.Configuration;

/// <summary>One piece of a value: a text, or the path of another key whose value stands here.</summary>
/// <param name="Text">The text without quotes, or the path between <c>${</c> and <c>}</c>.</param>
/// <param name="IsSubstitution">True for <c>${path}</c>.</param>
public readonly record struct ConfigValuePart(string Text, bool IsSubstitution);

/// <summary>
/// A leaf of the configuration as it was written, before substitution: pieces that are joined, or a list of values.
/// </summary>
public sealed class ConfigValue
{
    /// <summary>Makes a value of pieces.</summary>
    public ConfigValue(IReadOnlyList<ConfigValuePart> parts) => Parts = parts;

    /// <summary>Makes a list.</summary>
    public ConfigValue(IReadOnlyList<ConfigValue> items)
    {
        Parts = [];
        Items = items;
    }

    /// <summary>The pieces; empty for a list.</summary>
    public IReadOnlyList<ConfigValuePart> Parts { get; }

    /// <summary>The values of a list; null for any other value.</summary>
    public IReadOnlyList<ConfigValue>? Items { get; }

    /// <summary>Every path that the value refers to.</summary>
    public IEnumerable<string> Substitutions => Items is null
        ? Parts.Where(p => p.IsSubstitution).Select(p => p.Text)
        : Items.SelectMany(i => i.Substitutions);

    /// <summary>A value that is one text.</summary>
    public static ConfigValue OfText(string text) => new([new ConfigValuePart(text, false)]);

    /// <summary>Writes the value in a form that Akka's parser reads without ambiguity: every text quoted.</summary>
    public void Render(StringBuilder output)
    {
        if (Items is not null)
        {
            output.Append('[');
            for (int i = 0; i < Items.Count; i++)
            {
                if (i > 0) output.Append(", ");
                Items[i].Render(output);
            }
            output.Append(']');
            return;
        }
        foreach (ConfigValuePart part in Parts)
        {
            if (part.IsSubstitution) output.Append("${").Append(part.Text).Append('}');
            else Quote(output, part.Text);
        }
    }

    /// <summary>Writes a quoted HOCON string.</summary>
    public static void Quote(StringBuilder output, string text)
    {
        output.Append('"');
        foreach (char c in text)
        {
            switch (c)
            {
                case '"': output.Append("\\\""); break;
                case '\\': output.Append("\\\\"); break;
                case '\n': output.Append("\\n"); break;
                case '\r': output.Append("\\r"); break;
                case '\t': output.Append("\\t"); break;
                case < ' ': output.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"); break;
                default: output.Append(c); break;
            }
        }
        output.Append('"');
    }
}
