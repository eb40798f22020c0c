using System.IO.Hashing;
using System.Text.Unicode;

namespace Ogrt.Wire;

/// <summary>An environment as a JSON object. A parser may refuse an object that has a key twice, so each name is written once.</summary>
internal static class EnvironmentJson
{
    // Hashes of the names that were written; an environment with more variables is compared name by name beyond them.
    private const int Remembered = 512;

    /// <summary>Writes the object with its braces.</summary>
    public static void Write(scoped ref JsonText text, BytesEnumerable variables)
    {
        Span<uint> seen = stackalloc uint[Remembered];
        int count = 0;
        int written = 0;
        text.Raw("{"u8);
        foreach (ReadOnlySpan<byte> variable in variables)
        {
            int length = variable.IndexOf((byte)'=');
            int number = count++;
            if (length is <= 0 or > EnvironmentLimits.Name) continue;
            ReadOnlySpan<byte> name = variable[..length];
            // Replaced by U+FFFD, two names could become one.
            if (!Utf8.IsValid(name)) continue;
            uint hash = (uint)XxHash3.HashToUInt64(name);
            bool maybeSeen = number >= Remembered || seen[..number].Contains(hash);
            if (number < Remembered) seen[number] = hash;
            if (maybeSeen && IsEarlier(variables, name, number)) continue;
            text.Member(written++ == 0 ? "\""u8 : ",\""u8, name, default);
            text.Member("\":\""u8, Cut(variable[(length + 1)..]), "\""u8);
        }

        text.Raw("}"u8);
    }

    // Not within a character.
    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> value)
    {
        if (value.Length <= EnvironmentLimits.Value) return value;
        int end = EnvironmentLimits.Value;
        while (end > EnvironmentLimits.Value - 4 && (value[end] & 0xc0) == 0x80) end--;
        return value[..end];
    }

    private static bool IsEarlier(BytesEnumerable variables, ReadOnlySpan<byte> name, int before)
    {
        int number = 0;
        foreach (ReadOnlySpan<byte> variable in variables)
        {
            if (number++ == before) return false;
            if (variable.Length > name.Length && variable[name.Length] == '=' && variable.StartsWith(name)
                && variable.IndexOf((byte)'=') == name.Length)
                return true;
        }

        return false;
    }
}
