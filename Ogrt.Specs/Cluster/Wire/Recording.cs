using System.Globalization;

namespace Ogrt.Specs.Cluster.Wire;

/// <summary>A message or snapshot as some version wrote it.</summary>
/// <param name="Name">Which example it is.</param>
/// <param name="Serializer">The serializer's identifier.</param>
/// <param name="Manifest">What the serializer calls it.</param>
/// <param name="Bytes">What was written.</param>
internal sealed record Recording(string Name, int Serializer, string Manifest, byte[] Bytes);

/// <summary>The recordings of all versions, the oldest of each first: a line each, in <c>recordings.txt</c>.</summary>
internal static class Recordings
{
    private const string Resource = "Ogrt.Specs.Cluster.Wire.recordings.txt";
    private static readonly Lock Writing = new();
    private static readonly List<Recording> Added = [];

    /// <summary>Where what is written now is recorded beside what was; null to compare only.</summary>
    private static readonly string? Path = Environment.GetEnvironmentVariable("OGRT_RECORD_WIRE");

    public static bool IsRecording => Path is { Length: > 0 };

    public static IReadOnlyList<Recording> Read()
    {
        using Stream? stream = typeof(Recordings).Assembly.GetManifestResourceStream(Resource);
        using var reader = new StreamReader(stream ?? throw new FileNotFoundException(Resource));
        string[] lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lock (Writing)
            return [.. lines.Where(l => l[0] != '#').Select(Parse), .. Added];
    }

    /// <summary>Appends what differs from the newest recording of its name to the file.</summary>
    public static void Add(Recording recording)
    {
        Recording? newest = Read().LastOrDefault(r => r.Name == recording.Name);
        lock (Writing)
        {
            if (newest is not null && Line(newest) == Line(recording))
                return;
            File.AppendAllText(Path!, Line(recording) + "\n");
            Added.Add(recording);
        }
    }

    private static Recording Parse(string line)
    {
        string[] parts = line.Split(' ');
        return new Recording(parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), parts[2], Convert.FromHexString(parts[3]));
    }

    private static string Line(Recording r) =>
        string.Create(CultureInfo.InvariantCulture, $"{r.Name} {r.Serializer} {r.Manifest} {Convert.ToHexStringLower(r.Bytes)}");
}
