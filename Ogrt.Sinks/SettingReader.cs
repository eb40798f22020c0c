using Akka.Configuration;

namespace Ogrt.Sinks;

/// <summary>Reads values and says in one sentence, with the path, what is wrong with one.</summary>
/// <param name="config">The configuration of one sink.</param>
/// <param name="path">Where it stands, for messages.</param>
internal readonly struct SettingReader(Config config, string path)
{
    private readonly Config _config = config;
    private readonly string _path = path;

    public bool Flag(string key) => Read(key, "on or off", static (c, k) => c.GetBoolean(k));

    public string Text(string key)
    {
        string value = Read(key, "a text", static (c, k) => c.GetString(k));
        return string.IsNullOrWhiteSpace(value) ? throw Fail(key, "must not be empty") : value;
    }

    /// <summary>A text that may be empty.</summary>
    public string OptionalText(string key) => Read(key, "a text", static (c, k) => c.GetString(k)) ?? "";

    /// <summary>A list of texts, none of them empty.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        IList<string> values = Read(key, "a list such as [\"a\", \"b\"]", static (c, k) => c.GetStringList(k));
        return values.Any(string.IsNullOrWhiteSpace) ? throw Fail(key, "has an empty text") : [.. values];
    }

    public long Number(string key, long least, long most) =>
        InRange(key, Read(key, "a whole number", static (c, k) => c.GetLong(k)), least, most);

    public double Fraction(string key)
    {
        double value = Read(key, "a number from 0 to 1", static (c, k) => c.GetDouble(k));
        return value is >= 0 and <= 1 ? value : throw Fail(key, $"is {value}; it must be from 0 to 1");
    }

    public long Bytes(string key, long least, long most) =>
        InRange(key, Read(key, "a size such as 64 MiB",
            static (c, k) => c.GetByteSize(k) ?? throw new FormatException("not a size")), least, most);

    public TimeSpan Duration(string key, TimeSpan least, TimeSpan most)
    {
        TimeSpan value = Read(key, "a duration such as 500 ms", static (c, k) => c.GetTimeSpan(k, allowInfinite: false));
        return value < least || value > most ? throw Fail(key, $"is {value}; it must be from {least} to {most}") : value;
    }

    /// <summary>One of the values of an enumeration, written with hyphens: <c>ApiKey</c> is <c>api-key</c>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="known">Those that are allowed; without any, all are.</param>
    public T Choice<T>(string key, params ReadOnlySpan<T> known) where T : struct, Enum
    {
        string text = Text(key);
        ReadOnlySpan<T> choices = known.IsEmpty ? Enum.GetValues<T>() : known;
        var names = new List<string>();
        foreach (T value in choices)
        {
            string name = Hyphenated(value.ToString());
            if (string.Equals(name, text, StringComparison.OrdinalIgnoreCase))
                return value;
            names.Add(name);
        }
        throw Fail(key, $"is \"{text}\"; it must be one of {string.Join(", ", names)}");
    }

    private T Read<T>(string key, string expected, Func<Config, string, T> get)
    {
        if (!_config.HasPath(key))
            throw Fail(key, "is missing");
        try
        {
            return get(_config, key);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw Fail(key, $"is \"{_config.GetString(key)}\"; it must be {expected}");
        }
    }

    private long InRange(string key, long value, long least, long most) =>
        value < least || value > most ? throw Fail(key, $"is {value}; it must be from {least} to {most}") : value;

    private static string Hyphenated(string name) =>
        string.Concat(name.Select((c, n) => char.IsUpper(c) && n > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    /// <summary>The error of a value that is of the right type and wrong all the same.</summary>
    public ConfigurationException Fail(string key, string what) => new($"{_path}.{key} {what}.");
}
