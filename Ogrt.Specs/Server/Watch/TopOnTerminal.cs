using System.Diagnostics;
using System.Globalization;
using System.Text;
using Ogrt.Specs.Shim;

namespace Ogrt.Specs.Server.Watch;

/// <summary><c>ogrt-server top</c> on a terminal of its own, which <c>script</c> makes.</summary>
internal sealed class TopOnTerminal : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly StringBuilder _raw = new();
    private readonly Lock _gate = new();

    /// <summary>Starts it.</summary>
    /// <param name="folder">The server's.</param>
    /// <param name="columns">The terminal's width.</param>
    /// <param name="environment">More variables for the program.</param>
    /// <param name="arguments">Its arguments.</param>
    public TopOnTerminal(DirectoryInfo folder, int columns, string environment = "", params string[] arguments)
    {
        string script = Command.Require("script");
        _folder = Directory.CreateTempSubdirectory("ogrt-top-");
        string program = Path.Combine(AppContext.BaseDirectory, "ogrt-server");
        File.WriteAllText(In("run.sh"), $"""
            stty rows 24 cols {columns}
            tty > {In("tty")}
            stty -g > {In("before")}
            sh -c 'echo $$ > {In("pid")}; exec {environment} {program} top {string.Join(' ', arguments)} --set data-directory={folder.FullName}/data'
            echo $? > {In("code")}
            stty -g > {In("after")}
            """);
        var start = new ProcessStartInfo(script, ["-qfc", $"sh {In("run.sh")}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm-256color";
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment.Remove("NO_COLOR");
        _process = Process.Start(start)!;
        _ = Task.Run(ReadAsync);
    }

    /// <summary>What the terminal shows now.</summary>
    public TerminalScreen Screen
    {
        get
        {
            var screen = new TerminalScreen();
            lock (_gate) screen.Take(_raw.ToString());
            return screen;
        }
    }

    /// <summary>The process of the program.</summary>
    public string Pid => File.ReadAllText(In("pid")).Trim();

    /// <summary>Types.</summary>
    public void Type(string keys)
    {
        _process.StandardInput.Write(keys);
        _process.StandardInput.Flush();
    }

    /// <summary>Gives the terminal another size, as a window does.</summary>
    public void Resize(int rows, int columns) => Command.Run(
        "stty", "-F", File.ReadAllText(In("tty")).Trim(), "rows", rows.ToString(CultureInfo.InvariantCulture), "cols", columns.ToString(CultureInfo.InvariantCulture)).Succeeded();

    /// <summary>Waits for the screen to show something.</summary>
    public async Task<TerminalScreen> UntilAsync(Func<TerminalScreen, bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            TerminalScreen screen = Screen;
            if (condition(screen)) return screen;
            if (Stopwatch.GetElapsedTime(start) > Limit) Assert.Fail("The screen does not show it:\n" + screen.Text);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits for a text on the screen.</summary>
    public Task<TerminalScreen> UntilAsync(string text) => UntilAsync(screen => screen.Text.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits for the end; the terminal must be as it was.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
        Assert.Equal(await File.ReadAllTextAsync(In("before"), TestContext.Current.CancellationToken), await File.ReadAllTextAsync(In("after"), TestContext.Current.CancellationToken));
        await UntilAsync(screen => !screen.IsAlternate && !screen.CursorHidden);
        return int.Parse(await File.ReadAllTextAsync(In("code"), TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private string In(string name) => Path.Combine(_folder.FullName, name);

    private async Task ReadAsync()
    {
        char[] buffer = new char[4096];
        int read;
        while ((read = await _process.StandardOutput.ReadAsync(buffer)) > 0)
        {
            lock (_gate) _raw.Append(buffer, 0, read);
        }
    }
}
