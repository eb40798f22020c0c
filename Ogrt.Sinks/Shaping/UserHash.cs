using System.Security.Cryptography;
using Akka.Configuration;

namespace Ogrt.Sinks.Shaping;

/// <summary>
/// Names of users as HMAC-SHA-256 with a site's key (RFC 2104), cut to 64 bits and written as <c>u-</c> and 16 hexadecimal digits. Without
/// the key nobody can find out a name by trying all; with it a site can.
/// </summary>
internal sealed class UserHash
{
    /// <summary>Bytes of a hash as text.</summary>
    public const int TextLength = 18;

    private const int LeastKey = 16;
    private const int MostKey = 4096;
    private const int MostCached = 65536;

    private readonly byte[] _key;
    private readonly Dictionary<string, byte[]> _cache = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public UserHash(byte[] key)
    {
        _key = key;
        _lookup = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Reads the key.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read, or holds no key.</exception>
    public static UserHash FromFile(string path, string setting)
    {
        byte[] key;
        try
        {
            key = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{setting}: {e.Message}");
        }
        // An editor puts a line break at the end, and the same key should be the same with and without it.
        ReadOnlySpan<byte> trimmed = key.AsSpan().TrimEnd("\r\n"u8);
        return trimmed.Length is >= LeastKey and <= MostKey
            ? new UserHash(trimmed.ToArray())
            : throw new ConfigurationException($"{setting}: {path} holds {trimmed.Length} bytes; a key has {LeastKey} to {MostKey}, for example from 'openssl rand -hex 32'.");
    }

    /// <summary>The hash of a name, as text. Used by one thread at a time.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> name)
    {
        // Bytes as Latin-1 characters: a key for any bytes.
        Span<char> text = name.Length <= 256 ? stackalloc char[name.Length] : new char[name.Length];
        for (int n = 0; n < name.Length; n++)
            text[n] = (char)name[n];
        if (_lookup.TryGetValue(text, out byte[]? known))
            return known;
        if (_cache.Count >= MostCached)
            _cache.Clear();
        byte[] hash = Compute(name);
        _lookup[text] = hash;
        return hash;
    }

    private byte[] Compute(ReadOnlySpan<byte> name)
    {
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, name, full);
        byte[] text = new byte[TextLength];
        "u-"u8.CopyTo(text);
        Convert.TryToHexStringLower(full[..8], text.AsSpan(2), out _);
        return text;
    }
}
