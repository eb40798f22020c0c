namespace Ogrt.Sinks.Shaping;

/// <summary>Patterns by what they are about.</summary>
public sealed record Criteria
{
    /// <summary>Job ids.</summary>
    public required IReadOnlyList<Glob> JobIds { get; init; }

    /// <summary>Names of users.</summary>
    public required IReadOnlyList<Glob> Users { get; init; }

    /// <summary>Names of hosts.</summary>
    public required IReadOnlyList<Glob> Hosts { get; init; }

    /// <summary>Paths of programs.</summary>
    public required IReadOnlyList<Glob> Paths { get; init; }

    /// <summary>Regular expressions over the command line.</summary>
    public required IReadOnlyList<TextPattern> CommandLines { get; init; }

    /// <summary>Whether there is no pattern.</summary>
    public bool IsEmpty => JobIds.Count + Users.Count + Hosts.Count + Paths.Count + CommandLines.Count == 0;

    internal static Criteria Create(SettingReader read, string path, TimeSpan limit) => new()
    {
        JobIds = Globs(read, path + ".job-ids"),
        Users = Globs(read, path + ".users"),
        Hosts = Globs(read, path + ".hosts"),
        Paths = Globs(read, path + ".paths"),
        CommandLines = Patterns(read, path + ".command-lines", limit),
    };

    internal static IReadOnlyList<TextPattern> Patterns(SettingReader read, string key, TimeSpan limit) =>
    [
        .. read.Texts(key).Select(text =>
        {
            try
            {
                return TextPattern.Create(text, limit);
            }
            catch (ArgumentException e)
            {
                throw read.Fail(key, $"has \"{text}\", which is no regular expression: {e.Message}");
            }
        }),
    ];

    private static IReadOnlyList<Glob> Globs(SettingReader read, string key) => [.. read.Texts(key).Select(t => new Glob(t))];
}
