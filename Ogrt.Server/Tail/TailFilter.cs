using System.Globalization;
using Ogrt.Server.Cli.Watch;

namespace Ogrt.Server.Tail;

/// <summary>Which records somebody wants to see.</summary>
public sealed class TailFilter
{
    private readonly NamePattern? _job, _user, _host, _exe;
    private readonly string _exit = "";
    private readonly int _under;

    private TailFilter(NamePattern? job, NamePattern? user, NamePattern? host, NamePattern? exe, int under, string exit) =>
        (_job, _user, _host, _exe, _under, _exit) = (job, user, host, exe, under, exit);

    /// <summary>The words that <c>--exit</c> takes beside a number.</summary>
    public static IReadOnlyList<string> ExitWords { get; } = ["nonzero", "zero", "signal", "any"];

    /// <summary>The process whose descendants are wanted; 0 for any.</summary>
    public int Under => _under;

    /// <summary>Makes a filter of texts; an empty one wants everything.</summary>
    /// <param name="value">Gives the text of job, user, host, exe, under and exit.</param>
    /// <param name="wrong">What is wrong with one of them; null when nothing is.</param>
    public static TailFilter? Parse(Func<string, string?> value, out string? wrong)
    {
        ArgumentNullException.ThrowIfNull(value);
        wrong = null;
        string exit = value("exit") ?? "", underText = value("under") ?? "";
        int under = 0;
        if (underText.Length > 0 && (!int.TryParse(underText, NumberStyles.None, CultureInfo.InvariantCulture, out under) || under == 0))
            wrong = $"--under takes the number of a process, not '{underText}'.";
        if (exit.Length > 0 && !ExitWords.Contains(exit) && !int.TryParse(exit, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            wrong = $"--exit takes {string.Join(", ", ExitWords)} or a number, not '{exit}'.";
        return wrong is null ? new TailFilter(Pattern("job"), Pattern("user"), Pattern("host"), Pattern("exe"), under, exit) : null;

        NamePattern? Pattern(string name) => value(name) is { Length: > 0 } text ? new NamePattern(text) : null;
    }

    /// <summary>Whether a record is wanted, as far as it tells by itself.</summary>
    public bool Matches(TailRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return (_job is null || _job.Matches(record.Job)) && (_user is null || _user.Matches(record.User)) && (_host is null || _host.Matches(record.Host))
            && (_exe is null || (record.Pid is not null && _exe.Matches(record.Exe))) && (_under == 0 || record.Pid is not null) && Exit(record);
    }

    /// <summary>Whether a host is wanted: what a parsing of the whole record can be saved by.</summary>
    public bool WantsHost(string host) => _host is null || _host.Matches(host);

    private bool Exit(TailRecord record)
    {
        if (_exit.Length == 0) return true;
        if (record.Kind != "end") return false;
        return _exit switch
        {
            "any" => true,
            "zero" => record is { ExitCode: 0, ExitSignal: null },
            "nonzero" => record.ExitSignal is not null || record.ExitCode is not (0 or null),
            "signal" => record.ExitSignal is not null,
            _ => record.ExitCode == int.Parse(_exit, CultureInfo.InvariantCulture),
        };
    }
}
