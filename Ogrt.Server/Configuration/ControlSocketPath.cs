namespace Ogrt.Server.Configuration;

/// <summary>The path of the control socket in the shortest form: a socket's address holds only 107 bytes of it.</summary>
public static class ControlSocketPath
{
    /// <summary>The absolute path or the one relative to the working folder, whichever is shorter.</summary>
    public static string Shortest(string path)
    {
        string full = Path.GetFullPath(path);
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, full);
        return relative.Length < full.Length ? relative : full;
    }
}
