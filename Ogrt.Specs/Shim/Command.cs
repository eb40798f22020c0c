using System.Diagnostics;
using System.Text;

namespace Ogrt.Specs.Shim;

/// <summary>What a finished program left behind.</summary>
internal sealed record CommandResult(int Pid, int ExitCode, byte[] Output, string Error)
{
    public string Text => Encoding.UTF8.GetString(Output);

    public string[] Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The result itself, where the program succeeded; else the test fails with what it said.</summary>
    public CommandResult Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}{Text}");
        return this;
    }
}

/// <summary>Runs programs with an environment that is known: PATH and what the caller gives, nothing else.</summary>
internal static class Command
{
    public static CommandResult Run(string program, params string[] arguments) => Run(program, arguments, []);

    public static CommandResult Run(
        string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment, string? directory = null)
    {
        using Process process = Start(program, arguments, environment, directory);
        process.StandardInput.Close();
        return Finish(process);
    }

    /// <summary>The program with its standard input still open: a program that reads it stays alive until then.</summary>
    public static Process Start(
        string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment, string? directory = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "/",
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static CommandResult Finish(Process process)
    {
        using var output = new MemoryStream();
        Task<string> error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.BaseStream.CopyTo(output);
        string said = error.GetAwaiter().GetResult();
        process.WaitForExit();
        return new CommandResult(process.Id, process.ExitCode, output.ToArray(), said);
    }

    /// <summary>The first of the programs that is installed.</summary>
    public static string? Find(params string[] names) =>
        names.FirstOrDefault(name => new[] { "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin" }
            .Any(directory => File.Exists(Path.Combine(directory, name))));

    /// <summary>Skips the test where a program is missing.</summary>
    public static string Require(params string[] names)
    {
        string? found = Find(names);
        Assert.SkipWhen(found is null, $"{names[0]} is not installed");
        return found!;
    }

    public static void RequireRoot() =>
        Assert.SkipUnless(Environment.UserName == "root", "needs to be root");
}
