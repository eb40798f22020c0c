namespace Ogrt.Server.Configuration;

/// <summary>Reads the operator's file and what it includes.</summary>
internal sealed class ConfigFileReader(List<ConfigProblem> problems)
{
    private const int MaxFileSize = 4 * 1024 * 1024;

    // The files that are being read: the operator's, and the chain of includes below it.
    private readonly List<string> _open = [];

    /// <summary>The assignments of a file; empty, and a problem, when it cannot be read.</summary>
    public IReadOnlyList<ConfigEntry> Read(string path)
    {
        try
        {
            return ReadFile(path)
                .Select(a => new ConfigEntry(a.Path, a.Value, new ConfigOrigin(ConfigOriginKind.File, a.File, a.Line)))
                .ToList();
        }
        catch (HoconSyntaxException e)
        {
            problems.Add(new ConfigProblem(new ConfigOrigin(ConfigOriginKind.File, e.File, e.Line), Sentence(e.Message)));
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            problems.Add(new ConfigProblem(null, $"The configuration file {path} cannot be read: {Reason(e)}."));
        }
        return [];
    }

    private IReadOnlyList<HoconAssignment> ReadFile(string path)
    {
        if (new FileInfo(path).Length > MaxFileSize) throw new IOException("it is larger than any configuration file can be");
        string text = File.ReadAllText(path);
        _open.Add(path);
        IReadOnlyList<HoconAssignment> found = HoconScanner.Scan(text, path, (name, line) => Include(path, name, line));
        _open.RemoveAt(_open.Count - 1);
        return found;
    }

    private IReadOnlyList<HoconAssignment> Include(string includer, string name, int line)
    {
        string path = Path.Combine(Path.GetDirectoryName(includer) ?? "", name);
        if (_open.Any(o => Path.GetFullPath(o) == Path.GetFullPath(path)))
            throw new HoconSyntaxException($"{path} is included by itself, by way of {string.Join(", ", _open)}", includer, line);
        try
        {
            return ReadFile(path);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw new HoconSyntaxException($"the included file {path} cannot be read: {Reason(e)}", includer, line);
        }
    }

    private static bool IsUnreadable(Exception e) =>
        e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException;

    private static string Reason(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "it does not exist",
        UnauthorizedAccessException => "this user may not read it",
        _ => e.Message,
    };

    private static string Sentence(string message) => char.ToUpperInvariant(message[0]) + message[1..] + ".";
}
