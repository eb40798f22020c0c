using System.Globalization;
using System.Text.RegularExpressions;

namespace Ogrt.Specs.EndToEnd;

/// <summary>What <c>strace -f -o FILE -e trace=execve,execveat,clone,clone3,fork,vfork</c> says ran: the judge of what a tree must hold.</summary>
internal sealed partial class StraceLog
{
    /// <summary>One successful exec: who, and what it asked for.</summary>
    public sealed record Exec(int Pid, string Path);

    private StraceLog(IReadOnlyList<Exec> execs, IReadOnlyDictionary<int, int> parents) => (Execs, Parents) = (execs, parents);

    /// <summary>Successful execs in the order in which they ended.</summary>
    public IReadOnlyList<Exec> Execs { get; }

    /// <summary>The parent of each process that was forked under strace.</summary>
    public IReadOnlyDictionary<int, int> Parents { get; }

    /// <summary>Reads a log; lines of other calls, signals and exits are passed over, and execs that are not to be counted.</summary>
    public static StraceLog Read(string file, Func<Exec, bool> counts)
    {
        List<Exec> execs = [];
        Dictionary<int, int> parents = [];
        Dictionary<int, string> unfinished = [];
        foreach (string line in File.ReadLines(file))
        {
            Match match = Line().Match(line);
            if (!match.Success)
                continue;
            int pid = int.Parse(match.Groups["pid"].Value, CultureInfo.InvariantCulture);
            string text = match.Groups["text"].Value;
            if (text.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                unfinished[pid] = text;
                continue;
            }
            if (Resumed().Match(text) is { Success: true } resumed && unfinished.Remove(pid, out string? begun))
                text = begun[..begun.LastIndexOf("<unfinished", StringComparison.Ordinal)] + text[resumed.Length..];
            if (ExecCall().Match(text) is { Success: true } exec)
                execs.Add(new Exec(pid, Regex.Unescape(exec.Groups["path"].Value)));
            else if (ForkCall().Match(text) is { Success: true } fork && !text.Contains("CLONE_THREAD", StringComparison.Ordinal))
                parents[int.Parse(fork.Groups["child"].Value, CultureInfo.InvariantCulture)] = pid;
        }
        return new StraceLog([.. execs.Where(counts)], parents);
    }

    [GeneratedRegex(@"^(?<pid>\d+) +(?<text>.*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Line();

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>")]
    private static partial Regex Resumed();

    [GeneratedRegex("""^execve(at)?\((AT_FDCWD, |\d+, )?"(?<path>(\\.|[^"\\])*)".* = 0$""", RegexOptions.ExplicitCapture)]
    private static partial Regex ExecCall();

    [GeneratedRegex(@"^(clone|clone3|fork|vfork)\(.* = (?<child>\d+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex ForkCall();
}
