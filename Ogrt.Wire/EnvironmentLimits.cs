namespace Ogrt.Wire;

/// <summary>
/// What an environment written as an object holds. A store that indexes its keys makes a term of each name and value, and a
/// term of Lucene has at most 32,766 bytes; an invalid byte becomes three.
/// </summary>
public static class EnvironmentLimits
{
    /// <summary>Bytes of a name; a variable with a longer one is left out.</summary>
    public const int Name = 1_000;

    /// <summary>Bytes of a value; a longer one is cut.</summary>
    public const int Value = 10_000;
}
