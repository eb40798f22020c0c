namespace Ogrt.Sinks.Shaping;

/// <summary>What a sink is told of a record.</summary>
public sealed record FieldSettings
{
    /// <summary>Which environment variables stay; null for all of them.</summary>
    public required IReadOnlyList<Glob>? EnvironmentNames { get; init; }

    /// <summary>What becomes of who a user is.</summary>
    public required UserChoice Users { get; init; }

    /// <summary>The file with the site's key for <see cref="UserChoice.Hash"/>; empty otherwise.</summary>
    public required string UserKeyFile { get; init; }

    /// <summary>What is blacked out in command lines, arguments and the values of environment variables.</summary>
    public required IReadOnlyList<TextPattern> Secrets { get; init; }

    /// <summary>Whether records stay as they are.</summary>
    public bool IsEmpty => EnvironmentNames is null && Users == UserChoice.Keep && Secrets.Count == 0;

    internal static FieldSettings Create(SettingReader read)
    {
        TimeSpan limit = read.Duration("filter.regex-timeout", TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(10));
        IReadOnlyList<string> names = read.Texts("fields.environment");
        UserChoice users = read.Choice<UserChoice>("fields.users");
        string keyFile = read.OptionalText("fields.user-key-file");
        if (users == UserChoice.Hash && keyFile.Length == 0)
            throw read.Fail("fields.user-key-file", "is missing: names are hashed with a key of your site, at least 16 bytes in a file that only the server can read");
        return new FieldSettings
        {
            EnvironmentNames = names is ["*"] or ["**"] ? null : [.. names.Select(n => new Glob(n))],
            Users = users,
            UserKeyFile = keyFile,
            Secrets = Criteria.Patterns(read, "fields.secrets", limit),
        };
    }
}
