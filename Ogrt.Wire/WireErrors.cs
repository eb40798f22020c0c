namespace Ogrt.Wire;

/// <summary>The names of wire errors.</summary>
public static class WireErrors
{
    private static readonly string[] Names =
    [
        "none", "unknown_type", "too_long", "empty", "truncated", "trailing_bytes", "bad_varint", "bad_tag",
        "bad_wire_type", "bad_group", "too_deep",
    ];

    /// <summary>How many values <see cref="WireError"/> has: the length of an array of counters indexed by it.</summary>
    public static int Count => Names.Length;

    /// <summary>The error's name in lower case with underscores, as the value of a metric's label.</summary>
    /// <param name="error">An error.</param>
    /// <returns>A constant string; <c>unknown</c> for a value that is not defined.</returns>
    public static string Name(WireError error) => (int)error < Names.Length ? Names[(int)error] : "unknown";
}
