using Akka.Configuration;
using Ogrt.Sinks.JsonLines;

namespace Ogrt.Sinks.JsonFile;

/// <summary>What a sink of JSON Lines files has beside the settings of every sink.</summary>
public sealed record JsonFileSettings
{
    /// <summary>The directory of the files, below the data directory unless it is absolute.</summary>
    public required string Directory { get; init; }

    /// <summary>What file names begin with.</summary>
    public required string Prefix { get; init; }

    /// <summary>Bytes above which a new file begins; 0 for daily files only.</summary>
    public required long RotateSize { get; init; }

    /// <summary>Whether each batch waits for the disk.</summary>
    public required bool Fsync { get; init; }

    /// <summary>Files kept besides the one being written; 0 for no limit.</summary>
    public required int KeepFiles { get; init; }

    /// <summary>How long files are kept; zero for ever.</summary>
    public required TimeSpan KeepAge { get; init; }

    /// <summary>What is written.</summary>
    public required JsonLineSettings Lines { get; init; }

    /// <summary>Reads the settings from a sink's configuration.</summary>
    /// <param name="sink">The sink's settings.</param>
    /// <exception cref="ConfigurationException">A value is missing, of the wrong type or impossible.</exception>
    public static JsonFileSettings Create(SinkSettings sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        string path = "ogrt.sinks." + sink.Name;
        var read = new SettingReader(sink.Config, path);
        string prefix = read.Text("prefix");
        if (prefix.Contains('/', StringComparison.Ordinal) || prefix.Contains('\0', StringComparison.Ordinal))
            throw new ConfigurationException($"{path}.prefix is \"{prefix}\"; it is the beginning of a file name.");
        // A line belongs to the file that is newest: two writers would cut each other's lines.
        if (sink.MaxInFlight != 1)
            throw new ConfigurationException($"{path}.max-in-flight must be 1: a file has one writer.");
        return new JsonFileSettings
        {
            Directory = read.Text("directory"),
            Prefix = prefix,
            RotateSize = read.Bytes("rotate-size", 0, long.MaxValue),
            Fsync = read.Flag("fsync"),
            KeepFiles = (int)read.Number("keep-files", 0, int.MaxValue),
            KeepAge = read.Duration("keep-age", TimeSpan.Zero, TimeSpan.MaxValue),
            Lines = JsonLineSettings.Create(read),
        };
    }
}
