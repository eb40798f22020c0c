namespace Ogrt.Server.Configuration;

/// <summary>What the values of a key look like.</summary>
public enum ConfigKeyType
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary><c>on</c>, <c>off</c>, <c>true</c> or <c>false</c>.</summary>
    Switch,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number that may have a fraction.</summary>
    Number,

    /// <summary>A number with a unit of time.</summary>
    Duration,

    /// <summary>A number of bytes, with or without a unit.</summary>
    Size,

    /// <summary>A list of texts.</summary>
    List,
}

/// <summary>A key that exists: what <c>reference.conf</c> says about it.</summary>
/// <param name="Path">The full path.</param>
/// <param name="Type">What its values look like, as its default does.</param>
/// <param name="Default">The default, before substitution.</param>
/// <param name="Origin">The place of the default.</param>
/// <param name="Comment">What is written about it there.</param>
public sealed record ConfigKey(string Path, ConfigKeyType Type, ConfigValue Default, ConfigOrigin Origin, string Comment);
