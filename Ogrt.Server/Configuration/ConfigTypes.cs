using System.Text.RegularExpressions;

namespace Ogrt.Server.Configuration;

/// <summary>
/// Tells the type of a key from its default, and whether a value is of a type. Akka's parser has texts only: it would take
/// "4 apples" for a size until the moment somebody asks for it.
/// </summary>
public static partial class ConfigTypes
{
    /// <summary>The type of a key with this default.</summary>
    public static ConfigKeyType Of(ConfigValue value)
    {
        if (value.Items is not null) return ConfigKeyType.List;
        if (value.Parts.Any(p => p.IsSubstitution)) return ConfigKeyType.Text;
        string text = string.Concat(value.Parts.Select(p => p.Text)).Trim();
        if (text is "on" or "off" or "true" or "false") return ConfigKeyType.Switch;
        if (IntegerForm().IsMatch(text)) return ConfigKeyType.Integer;
        if (NumberForm().IsMatch(text)) return ConfigKeyType.Number;
        if (DurationForm().IsMatch(text)) return ConfigKeyType.Duration;
        if (SizeForm().IsMatch(text)) return ConfigKeyType.Size;
        return ConfigKeyType.Text;
    }

    /// <summary>Whether a text is a value of the type.</summary>
    public static bool Accepts(ConfigKeyType type, string text) => type switch
    {
        ConfigKeyType.Switch => text is "on" or "off" or "true" or "false",
        // A size whose default has no unit looks like a number too; the settings class then says whether a unit is possible.
        ConfigKeyType.Integer => IntegerForm().IsMatch(text) || SizeForm().IsMatch(text),
        ConfigKeyType.Number => NumberForm().IsMatch(text) || IntegerForm().IsMatch(text),
        ConfigKeyType.Duration => DurationForm().IsMatch(text),
        ConfigKeyType.Size => SizeForm().IsMatch(text) || IntegerForm().IsMatch(text),
        _ => true,
    };

    /// <summary>What a value of the type looks like, for a message.</summary>
    public static string Describe(ConfigKeyType type) => type switch
    {
        ConfigKeyType.Switch => "on or off",
        ConfigKeyType.Integer => "a whole number",
        ConfigKeyType.Number => "a number",
        ConfigKeyType.Duration => "a duration with its unit, such as 500 ms, 30 s, 5 m, 2 h or 1 d",
        ConfigKeyType.Size => "a number of bytes, such as 65536, 64 KiB or 8 GiB",
        ConfigKeyType.List => "a list, such as [\"a\", \"b\"]",
        _ => "a text",
    };

    [GeneratedRegex(@"^-?\d{1,18}$")]
    private static partial Regex IntegerForm();

    [GeneratedRegex(@"^-?\d+\.\d+$")]
    private static partial Regex NumberForm();

    [GeneratedRegex(@"^(0|\d+(\.\d+)?\s*(ms|milliseconds?|millis|s|seconds?|m|minutes?|h|hours?|d|days?))$")]
    private static partial Regex DurationForm();

    [GeneratedRegex(@"^\d{1,15}\s*(b|B|bytes?|k|K|kB|Ki|KiB|m|M|MB|Mi|MiB|g|G|GB|Gi|GiB|t|T|TB|Ti|TiB)$")]
    private static partial Regex SizeForm();
}
