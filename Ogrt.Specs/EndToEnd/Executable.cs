using System.Text;

namespace Ogrt.Specs.EndToEnd;

/// <summary>What the kernel runs when it is asked for a path.</summary>
internal static class Executable
{
    /// <summary>The file name of the program that runs: behind links, and the interpreter where the file is a script. Of a
    /// file that is no longer there, the name that was asked for.</summary>
    public static string NameOf(string path)
    {
        for (int depth = 0; depth < 4 && Path.IsPathRooted(path) && File.Exists(path); depth++)
        {
            path = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
            if (InterpreterOf(path) is not { } interpreter)
                break;
            path = interpreter;
        }
        return Path.GetFileName(path);
    }

    private static string? InterpreterOf(string path)
    {
        Span<byte> start = stackalloc byte[256];
        using FileStream file = File.OpenRead(path);
        string text = Encoding.UTF8.GetString(start[..file.Read(start)]);
        return text.StartsWith("#!", StringComparison.Ordinal)
            ? text[2..].Split('\n')[0].Trim().Split(' ')[0]
            : null;
    }
}
