using System.Globalization;
using System.Text.RegularExpressions;

namespace Ogrt.Specs.Shim.Differential;

/// <summary>
/// The system calls of a program and of its children, told apart by where the instruction was: in the preload library, or
/// anywhere else.
/// </summary>
internal sealed partial class CallTrace
{
    private readonly List<string> _lines = [];
    private readonly List<(ulong Start, ulong End)> _library = [];

    /// <summary>Runs a command under strace. The folder is empty and becomes the place of the log.</summary>
    public CallTrace(string library, string folder, IEnumerable<string> command, IEnumerable<(string Name, string Value)> environment)
    {
        string log = Path.Combine(folder, "trace");
        string[] set = [.. environment.Prepend(("LD_PRELOAD", library)).SelectMany(variable => new[] { "-E", $"{variable.Item1}={variable.Item2}" })];
        Result = Command.Run("strace", ["-ff", "-i", "-o", log, .. set, .. command], [], folder);
        string[][] processes = [.. Directory.EnumerateFiles(folder, "trace.*").OrderBy(Number).Select(File.ReadAllLines)];
        foreach (string[] lines in processes)
            FindLibrary(library, lines);
        string[] pids = [.. Directory.EnumerateFiles(folder, "trace.*").OrderBy(Number).Select(file => Path.GetExtension(file)[1..])];
        foreach (string[] lines in processes)
            Sort(library, lines, pids);
    }

    public CommandResult Result { get; }

    /// <summary>What the program called, without addresses and process ids, one process after the other.</summary>
    public IReadOnlyList<string> Program => _lines;

    /// <summary>The names of what the library called.</summary>
    public List<string> Library { get; } = [];

    private static int Number(string file) => int.Parse(Path.GetExtension(file.AsSpan())[1..], CultureInfo.InvariantCulture);

    // Where the dynamic linker put it: the first mapping of the file, which is as long as all of it.
    private void FindLibrary(string library, string[] lines)
    {
        bool open = false;
        foreach (string line in lines)
        {
            if (line.Contains($"\"{library}\"", StringComparison.Ordinal) && line.Contains("openat(", StringComparison.Ordinal))
                open = true;
            else if (open && MappingPattern().Match(line) is { Success: true } mapping)
            {
                ulong start = Hexadecimal(mapping.Groups[2].Value);
                _library.Add((start, start + ulong.Parse(mapping.Groups[1].Value, CultureInfo.InvariantCulture)));
                open = false;
            }
        }
    }

    private void Sort(string library, string[] lines, string[] pids)
    {
        bool loading = false;
        foreach (string line in lines)
        {
            Match call = CallPattern().Match(line);
            if (!call.Success)
            {
                _lines.Add(Neutral(ChangingPattern().Replace(line, ""), pids)); // a signal, or how a process ended
                continue;
            }
            string name = call.Groups[2].Value;
            // An exec is the program's, even where the library passes it on.
            if (IsInLibrary(Hexadecimal(call.Groups[1].Value)) && !name.StartsWith("execve", StringComparison.Ordinal))
            {
                Library.Add(name);
                continue;
            }
            if (line.Contains($"\"{library}\"", StringComparison.Ordinal) && name is "openat")
                loading = true;
            if (!loading && !IsAboutLibrary(line))
                _lines.Add(Neutral(call.Groups[2].Value + call.Groups[3].Value, pids));
            if (loading && name is "close")
                loading = false;
        }
    }

    // The dynamic linker's work on the library's own mappings.
    private bool IsAboutLibrary(string line) =>
        FirstAddressPattern().Match(line) is { Success: true } address && IsInLibrary(Hexadecimal(address.Groups[1].Value));

    private bool IsInLibrary(ulong address) => _library.Any(range => address >= range.Start && address < range.End);

    private static string Neutral(string line, string[] pids)
    {
        string neutral = AddressPattern().Replace(line, "@");
        neutral = RandomPattern().Replace(neutral, "getrandom(");
        for (int i = 0; i < pids.Length; i++)
            neutral = Regex.Replace(neutral, $@"(?<![\w/.]){pids[i]}(?![\w])", $"process {i}");
        return neutral;
    }

    private static ulong Hexadecimal(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"mmap\(NULL, (\d+), .* = 0x([0-9a-f]+)$")]
    private static partial Regex MappingPattern();

    [GeneratedRegex(@"^\[([0-9a-f]+)\] (\w+)(\(.*)$")]
    private static partial Regex CallPattern();

    [GeneratedRegex(@"\w+\(0x([0-9a-f]+)")]
    private static partial Regex FirstAddressPattern();

    // Where a signal came, and how much time its sender had used, which strace says in seconds too unless it is none.
    [GeneratedRegex(@"^\[[0-9a-f]+\] |, si_[us]time=\d+( /\* [0-9.]+ s \*/)?")]
    private static partial Regex ChangingPattern();

    [GeneratedRegex("0x[0-9a-f]+")]
    private static partial Regex AddressPattern();

    [GeneratedRegex(@"getrandom\(""[^""]*""")]
    private static partial Regex RandomPattern();
}
