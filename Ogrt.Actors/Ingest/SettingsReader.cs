using System.Globalization;
using System.Net;
using Akka.Configuration;

namespace Ogrt.Actors.Ingest;

/// <summary>Reads values with their limits, and says the whole path of what is wrong.</summary>
/// <param name="config">The block to read from.</param>
/// <param name="path">The block's path, for messages.</param>
internal sealed class SettingsReader(Config config, string path)
{
    public int Int(string key, int min, int max)
    {
        string text = Text(key);
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value))
            throw Wrong(key, $"\"{text}\" is not a whole number");
        return value >= min && value <= max
            ? value
            : throw Wrong(key, $"{value} is outside of {min} to {max}");
    }

    public int Size(string key, int min, int max)
    {
        string text = Text(key);
        long? value;
        try
        {
            value = config.GetByteSize(key);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            value = null;
        }

        if (value is not { } bytes) throw Wrong(key, $"\"{text}\" is not a size such as 65536 or 64 KiB");
        return bytes >= min && bytes <= max
            ? (int)bytes
            : throw Wrong(key, $"{bytes} bytes are outside of {min} to {max}");
    }

    public TimeSpan Duration(string key, TimeSpan min, TimeSpan? max = null)
    {
        string text = Text(key);
        if (text.Length > 0 && char.IsAsciiDigit(text[^1]) && text != "0")
            throw Wrong(key, $"\"{text}\" has no unit; write it such as 10 s or 500 ms");
        TimeSpan value;
        try
        {
            value = config.GetTimeSpan(key, allowInfinite: false);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            throw Wrong(key, $"\"{text}\" is not a duration such as 10 s or 500 ms");
        }

        if (value > max) throw Wrong(key, $"{text} is longer than {max.Value.TotalMilliseconds} ms");
        return value >= min ? value : throw Wrong(key, $"{text} is shorter than {min.TotalMilliseconds} ms");
    }

    public bool Switch(string key) => Choice(key,
        ("on", true), ("off", false), ("true", true), ("false", false), ("yes", true), ("no", false));

    public IPAddress Address(string key)
    {
        string text = Text(key);
        return IPAddress.TryParse(text, out IPAddress? address)
            ? address
            : throw Wrong(key, $"\"{text}\" is not an IPv4 or IPv6 address");
    }

    public T Choice<T>(string key, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        string text = Text(key);
        foreach ((string name, T value) in choices)
        {
            if (string.Equals(name, text, StringComparison.OrdinalIgnoreCase)) return value;
        }

        List<string> names = [];
        foreach ((string name, _) in choices) names.Add(name);
        throw Wrong(key, $"\"{text}\" is not one of {string.Join(", ", names)}");
    }

    private string Text(string key)
    {
        if (!config.HasPath(key)) throw Wrong(key, "it is missing");
        string? text;
        try
        {
            text = config.GetString(key);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            text = null;
        }

        return text ?? throw Wrong(key, "it is not a single value");
    }

    private ConfigurationException Wrong(string key, string what) => new($"{path}.{key}: {what}.");
}
