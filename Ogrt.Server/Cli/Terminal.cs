using System.Text;

namespace Ogrt.Server.Cli;

/// <summary>
/// What a command writes to, and what it may assume about it. Specs make their own; the program takes
/// <see cref="OfProcess"/>.
/// </summary>
public sealed record Terminal
{
    /// <summary>What the program is called in front of its messages.</summary>
    public string Program { get; init; } = "ogrt-server";

    /// <summary>Results.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Messages.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>True when a person reads the results on a screen: rows are cut to its width.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>True when results may be coloured.</summary>
    public bool Colour { get; init; }

    /// <summary>True when box-drawing characters and the ellipsis can be shown.</summary>
    public bool Unicode { get; init; } = true;

    /// <summary>Columns of the screen.</summary>
    public int Width { get; init; } = int.MaxValue;

    /// <summary>The clock: elapsed times and "now" of time expressions.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        bool screen = !Console.IsOutputRedirected;
        bool dumb = Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";
        bool unicode = SaysUtf8(Environment.GetEnvironmentVariable);
        var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 16 * 1024);
        return new Terminal
        {
            Output = output,
            Error = Console.Error,
            IsInteractive = screen,
            Colour = screen && !dumb && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
            Unicode = unicode,
            Width = screen ? ScreenWidth() : int.MaxValue,
        };
    }

    /// <summary>Whether the locale's character set is UTF-8, as the C library would tell.</summary>
    /// <param name="variable">Reads a variable of the environment.</param>
    public static bool SaysUtf8(Func<string, string?> variable)
    {
        foreach (string name in new[] { "LC_ALL", "LC_CTYPE", "LANG" })
        {
            if (variable(name) is not { Length: > 0 } locale) continue;
            return locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("utf8", StringComparison.OrdinalIgnoreCase);
        }
        return false;
    }

    /// <summary>Puts a text in a colour, or leaves it.</summary>
    /// <param name="code">The SGR parameter, such as 31 for red.</param>
    /// <param name="text">The text, already safe.</param>
    public string Paint(int code, string text) => Colour ? $"\u001b[{code}m{text}\u001b[0m" : text;

    private static int ScreenWidth()
    {
        try
        {
            return Console.WindowWidth > 0 ? Console.WindowWidth : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
