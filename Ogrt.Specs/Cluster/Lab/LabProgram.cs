using System.Diagnostics;

namespace Ogrt.Specs.Cluster.Lab;

/// <summary>A program that the laboratory runs, with what it has written; ended by its process id.</summary>
internal sealed class LabProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _said = [];

    private LabProgram(Process process) => _process = process;

    /// <summary>What it has written so far.</summary>
    public string Said
    {
        get
        {
            lock (_said)
                return string.Join('\n', _said);
        }
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Starts a program that goes on running.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="log">A file that gets what it writes too; null for none.</param>
    /// <param name="environment">Variables that it has beside those of this process.</param>
    public static LabProgram Start(string program, IEnumerable<string> arguments, string? log = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        // In a session of its own, a terminal's Ctrl-C does not reach it: who started it ends it, in order.
        var start = new ProcessStartInfo("setsid", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        var running = new LabProgram(process);
        void Keep(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is null) return;
            lock (running._said)
            {
                running._said.Add(line.Data);
                if (log is not null) File.AppendAllText(log, line.Data + "\n");
            }
        }

        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it has written.</returns>
    /// <exception cref="InvalidOperationException">It did not end with 0.</exception>
    public static string Run(string program, params string[] arguments)
    {
        (int code, string output, string error) = Try(program, arguments);
        return code == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}: {error}{output}");
    }

    /// <summary>Runs a program to its end, whatever that is.</summary>
    public static (int ExitCode, string Output, string Error) Try(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.GetAwaiter().GetResult());
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (127, "", e.Message);
        }
    }

    /// <summary>Sends it a signal, named as kill(1) does: TERM, KILL, STOP, CONT, HUP.</summary>
    public void Signal(string name)
    {
        if (!_process.HasExited)
            Try("kill", $"-{name}", Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> EndAsync(TimeSpan limit)
    {
        await _process.WaitForExitAsync().WaitAsync(limit);
        return _process.ExitCode;
    }

    /// <summary>Ends it, if it has not ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signal("CONT");
            Signal("KILL");
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }
}
