namespace Ogrt.Sinks.Shaping;

/// <summary>What a sink is told of who a user is.</summary>
public enum UserChoice
{
    /// <summary>The name and the numbers, as they were sent.</summary>
    Keep = 0,

    /// <summary>A hash of the name with the site's key, the same for the same user; no numbers.</summary>
    Hash,

    /// <summary>Nothing.</summary>
    Drop,
}
