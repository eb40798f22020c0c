using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Ogrt.Specs.Shim.Differential;

/// <summary>Runs programs in namespaces in which they can harm nothing, and where process ids repeat.</summary>
internal sealed class Sandbox
{
    private const int _maxOutput = 2 << 20;

    // So much that a record with the environment does not fit into the buffers of a server that does not read.
    private static readonly string[] _environment =
    [
        "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/tmp/home", "TERM=dumb", "LANG=C.UTF-8", "USER=root",
        "LOGNAME=root", "SHELL=/bin/sh", "TZ=UTC", "PAGER=cat", "EDITOR=true", "DOTNET_CLI_TELEMETRY_OPTOUT=1",
        "JOBID=differential", .. Enumerable.Range(0, 6).Select(number => $"LARGE{number}={new string((char)('a' + number), 9000)}"),
    ];

    private readonly string _helper;
    private readonly string _folder;

    public Sandbox(string helper, string folder) => (_helper, _folder) = (helper, folder);

    /// <summary>Runs a program to its end, or until so many seconds are over.</summary>
    public Outcome Run(Subject subject, Mode mode, int limit)
    {
        string report = Path.Combine(_folder, Path.GetRandomFileName());
        try
        {
            using Process process = Command.Start(_helper, Line(subject, mode, limit, report), []);
            process.StandardInput.Close();
            Task<(string, bool)> error = Task.Run(() => Read(process.StandardError.BaseStream, process));
            (string output, bool tooMuch) = Read(process.StandardOutput.BaseStream, process);
            (string said, bool saidTooMuch) = error.GetAwaiter().GetResult();
            process.WaitForExit();
            return new Outcome(output, said, File.Exists(report) ? File.ReadAllLines(report) : [], tooMuch || saidTooMuch);
        }
        finally
        {
            File.Delete(report);
        }
    }

    private static IEnumerable<string> Line(Subject subject, Mode mode, int limit, string report)
    {
        string[] variables = [.. _environment, "OGRT_ACTIVE=" + (mode.Active ? "yes" : "no"), .. mode.Library is null ? Array.Empty<string>() : ["LD_PRELOAD=/run/ogrt/libogrt.so"]];
        return
        [
            "run", "--network", mode.World.Network, "--report", report, "--limit", limit.ToString(CultureInfo.InvariantCulture),
            .. mode.Library is null ? Array.Empty<string>() : ["--library", mode.Library],
            .. subject.Shown is null ? Array.Empty<string>() : ["--program", subject.Shown],
            .. variables.SelectMany(variable => new[] { "--variable", variable }),
            "--", subject.Program, .. subject.Arguments,
        ];
    }

    // Whoever writes without end is stopped: with the helper everything in its namespace ends.
    private static (string Text, bool TooMuch) Read(Stream stream, Process process)
    {
        using var text = new MemoryStream();
        byte[] buffer = new byte[65536];
        for (int length; (length = stream.Read(buffer)) > 0;)
        {
            if (text.Length + length > _maxOutput)
            {
                process.Kill();
                return (Encoding.Latin1.GetString(text.ToArray()), true);
            }
            text.Write(buffer, 0, length);
        }
        return (Encoding.Latin1.GetString(text.ToArray()), false);
    }
}
