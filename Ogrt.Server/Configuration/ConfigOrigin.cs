namespace Ogrt.Server.Configuration;

/// <summary>Where a value of the configuration was written.</summary>
public enum ConfigOriginKind
{
    /// <summary>A <c>reference.conf</c> that is embedded in the program.</summary>
    Default,

    /// <summary>The operator's file, or one that it includes.</summary>
    File,

    /// <summary>A variable of the environment.</summary>
    Variable,

    /// <summary>An option <c>--set</c> of the command line.</summary>
    CommandLine,
}

/// <summary>The place of a value: shown by <c>check</c> beside it and in front of every problem.</summary>
/// <param name="Kind">What kind of place it is.</param>
/// <param name="Name">The file's path, the resource's name, the variable's name, or the option as given.</param>
/// <param name="Line">The line in the file, counted from 1; 0 where there are no lines.</param>
public sealed record ConfigOrigin(ConfigOriginKind Kind, string Name, int Line = 0)
{
    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        ConfigOriginKind.Default => $"default, {Name}:{Line}",
        ConfigOriginKind.File => $"{Name}:{Line}",
        ConfigOriginKind.Variable => $"variable {Name}",
        _ => $"--set {Name}",
    };
}
