using System.CommandLine;
using Ogrt.Sinks.DeadLetters;

namespace Ogrt.Server.Cli;

/// <summary>The options that say which dead letters are meant.</summary>
internal sealed class LetterOptions
{
    private readonly CommandContext _context;
    private readonly Option<string?> _numbers = new("--numbers") { HelpName = "LIST", Description = "Numbers and ranges, such as 3,7-12." };
    private readonly Option<string?> _reason = new("--reason", "-r") { HelpName = "REASON", Description = "Those that were refused for this reason." };
    private readonly Option<string?> _from = new("--refused-since", "-S") { HelpName = "TIME", Description = "Refused at this time or later." };
    private readonly Option<string?> _before = new("--refused-before", "-E") { HelpName = "TIME", Description = "Refused before this time." };
    private readonly Option<bool>? _all;

    /// <summary>Makes the options.</summary>
    /// <param name="context">What the commands share.</param>
    /// <param name="forChange">Whether they select what is changed: then nothing means nothing, and <c>--all</c> everything.</param>
    public LetterOptions(CommandContext context, bool forChange = false)
    {
        _context = context;
        if (forChange) _all = new Option<bool>("--all") { Description = "All dead letters of the sink." };
    }

    /// <summary>Gives the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_numbers);
        command.Options.Add(_reason);
        command.Options.Add(_from);
        command.Options.Add(_before);
        if (_all is not null) command.Options.Add(_all);
    }

    /// <summary>What the options of a call mean.</summary>
    /// <exception cref="CliException">One of them cannot be read.</exception>
    public LetterSelection Read(ParseResult parse)
    {
        IReadOnlyList<(long, long)> numbers = [];
        if (parse.GetValue(_numbers) is { } text && !LetterSelection.TryParseNumbers(text, out numbers))
            throw new CliException(ExitCode.Usage, $"--numbers takes numbers and ranges such as 3,7-12, not '{text}'");
        return new LetterSelection
        {
            Numbers = numbers,
            Reason = parse.GetValue(_reason),
            RefusedFromNs = Time("--refused-since", parse.GetValue(_from)),
            RefusedBeforeNs = Time("--refused-before", parse.GetValue(_before)),
        };
    }

    /// <summary>The same for what changes something.</summary>
    /// <exception cref="CliException">Nothing is selected, or an option cannot be read.</exception>
    public LetterSelection ReadForChange(ParseResult parse)
    {
        LetterSelection selection = Read(parse);
        bool all = _all is not null && parse.GetValue(_all);
        if (selection.IsEverything != all)
        {
            throw new CliException(ExitCode.Usage, all ? "--all goes with no other choice" : "Which dead letters?",
                all ? "" : "Give --all, --numbers, --reason, --refused-since or --refused-before.");
        }
        return selection;
    }

    /// <summary>The path on the control socket that does something with a selection.</summary>
    public static string Path(string sink, string what, LetterSelection selection)
    {
        var query = new List<string>();
        if (selection.Numbers.Count > 0)
            query.Add("numbers=" + string.Join(',', selection.Numbers.Select(n => FormattableString.Invariant($"{n.First}-{n.Last}"))));
        if (selection.Reason is { } reason) query.Add("reason=" + Uri.EscapeDataString(reason));
        if (selection.RefusedFromNs is { } from) query.Add(FormattableString.Invariant($"from={from}"));
        if (selection.RefusedBeforeNs is { } before) query.Add(FormattableString.Invariant($"before={before}"));
        return $"sinks/{Uri.EscapeDataString(sink)}/dead-letters/{what}?{string.Join('&', query)}";
    }

    private long? Time(string option, string? text)
    {
        if (text is null) return null;
        return TimeExpression.TryParse(text, _context.Terminal.Clock.GetUtcNow(), out DateTimeOffset time)
            ? (time - DateTimeOffset.UnixEpoch).Ticks * 100
            : throw new CliException(ExitCode.Usage, $"{option} cannot read the time '{text}'", TimeExpression.Forms);
    }
}
