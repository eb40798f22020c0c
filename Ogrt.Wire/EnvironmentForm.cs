namespace Ogrt.Wire;

/// <summary>How the environment of a process stands in JSON.</summary>
public enum EnvironmentForm : byte
{
    /// <summary>As OGRT writes it: <c>"environment_variables":["NAME=value",…]</c>.</summary>
    List = 0,

    /// <summary>
    /// As an object, for stores that index the keys of one: <c>"environment":{"NAME":"value",…}</c>. What has no
    /// name, or one that is not UTF-8, is left out, and of several variables of one name the first counts, as for getenv(3). <see cref="EnvironmentLimits"/> hold.
    /// </summary>
    Object = 1,

    /// <summary>Not at all.</summary>
    Off = 2,
}
