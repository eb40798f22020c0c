using Akka.Configuration;
using Ogrt.Actors.Ingest;
using Ogrt.Journal;

namespace Ogrt.Server.Configuration;

/// <summary>The typed settings of every part.</summary>
public sealed record RuntimeSettings
{
    /// <summary>The program's own.</summary>
    public required ServerSettings Server { get; init; }

    /// <summary>The journal's.</summary>
    public required JournalOptions Journal { get; init; }

    /// <summary>The listeners'.</summary>
    public required IngestSettings Ingest { get; init; }

    /// <summary>Reads the settings of every part.</summary>
    /// <param name="config">A usable configuration.</param>
    /// <param name="problems">What is impossible, each with its place.</param>
    /// <returns>The settings, or null when there is a problem.</returns>
    public static RuntimeSettings? Create(LoadedConfig config, List<ConfigProblem> problems)
    {
        int before = problems.Count;
        ServerSettings? server = Read(config, problems, ServerSettings.Create);
        JournalOptions? journal = Read(config, problems, JournalSettings.Create);
        IngestSettings? ingest = Read(config, problems, IngestSettings.Create);
        if (problems.Count > before || server is null || journal is null || ingest is null) return null;
        return new RuntimeSettings { Server = server, Journal = journal, Ingest = ingest };
    }

    private static T? Read<T>(LoadedConfig config, List<ConfigProblem> problems, Func<Config, T> create)
        where T : class
    {
        try
        {
            return create(config.Values);
        }
        catch (Exception e) when (e is ConfigurationException or FormatException or OverflowException or ArgumentException or NotSupportedException)
        {
            // The settings classes put the path in front of what is wrong with it.
            string path = e.Message.Split(':')[0].Replace("\"", "", StringComparison.Ordinal);
            problems.Add(new ConfigProblem(config.Origin(path), e.Message));
            return null;
        }
    }
}
