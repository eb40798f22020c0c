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

    public long Number(string key, long least, long most) =>
        InRange(key, Read(key, "a whole number", static (c, k) => c.GetLong(k)), least, most);

    public long Bytes(string key, long least, long most) =>
        InRange(key, Read(key, "a size such as 64 MiB",
            static (c, k) => c.GetByteSize(k) ?? throw new FormatException("not a size")), least, most);

    public TimeSpan Duration(string key, TimeSpan least, TimeSpan most)
    {
        TimeSpan value = Read(key, "a duration such as 500 ms", static (c, k) => c.GetTimeSpan(k, allowInfinite: false));
        return value < least || value > most ? throw Fail(key, $"is {value}; it must be from {least} to {most}") : value;
    }

    public T Choice<T>(string key) where T : struct, Enum
    {
        string text = Text(key);
        foreach (T value in Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase))
                return value;
        }
        string choices = string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant();
        throw Fail(key, $"is \"{text}\"; it must be one of {choices}");
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

    private ConfigurationException Fail(string key, string what) => new($"{_path}.{key} {what}.");
}
