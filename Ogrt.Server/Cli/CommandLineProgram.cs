using System.CommandLine;
using System.CommandLine.Help;
using System.Text.Json;
using Ogrt.Server.Cli.Commands;
using Ogrt.Server.Configuration;

namespace Ogrt.Server.Cli;

/// <summary>The program <c>ogrt-server</c>: its commands, and the one place where their errors become exit codes.</summary>
public sealed class CommandLineProgram
{
    private readonly CommandContext _context;
    private readonly RootCommand _root;

    /// <summary>Puts the commands together.</summary>
    public CommandLineProgram(Terminal terminal)
    {
        _context = new CommandContext(terminal);
        _root = new RootCommand("Keeps what runs on a cluster: takes the frames of the OGRT preload library, keeps them, and shows the process tree of each job.");
        _root.Options.Add(_context.Options.Config);
        _root.Options.Add(_context.Options.Set);
        _root.Options.Add(_context.Options.Debug);
        _root.Options.Add(_context.Options.Verbose);
        foreach (Option option in _root.Options)
        {
            if (option is HelpOption help)
            {
                help.Action = new HelpText(_context);
                help.Description = "Show help and examples of a command.";
            }
            if (option is VersionOption version)
            {
                version.Action = new VersionText(terminal);
                version.Description = "Show the version.";
            }
        }
        foreach (Command command in AllCommands.Create(_context)) _root.Subcommands.Add(command);
        _context.Examples[_root] =
        [
            ("ogrt-server run", "Take frames on port 7971 until stopped."),
            ("ogrt-server jobs --since today", "The jobs of today."),
            ("ogrt-server tree 4711", "The process tree of job 4711."),
            ("ogrt-server check", "Look the configuration through."),
        ];
    }

    /// <summary>The commands, for completion and specs.</summary>
    public RootCommand Root => _root;

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">The arguments of the program.</param>
    /// <param name="cancel">Stops the command.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancel = default)
    {
        // Response files are off: "@1456936066" is a point in time.
        ParseResult parse = _root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        bool json = parse.CommandResult.Command.Options.FirstOrDefault(o => o.Name == "--json") is { } option && parse.GetResult(option) is { Implicit: false };
        try
        {
            if (parse.Action is null or not { ClearsParseErrors: true } && parse.Errors.Count > 0)
                throw new CliException(ExitCode.Usage, Fault(parse), Usage(parse));
            if (parse.Action is null)
            {
                new HelpText(_context).Write(_context.Terminal.Error, parse.CommandResult.Command);
                return ExitCode.Usage;
            }
            bool ownSignals = parse.CommandResult.Command.Name == RunCommand.Name;
            return await parse.InvokeAsync(
                new InvocationConfiguration
                {
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = ownSignals ? null : TimeSpan.FromSeconds(2),
                    Output = _context.Terminal.Output,
                    Error = _context.Terminal.Error,
                },
                cancel);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception e)
        {
            CliException known = Known(e);
            Report(known, json);
            if (parse.GetValue(_context.Options.Debug)) await _context.Terminal.Error.WriteLineAsync(e.ToString());
            return known.ExitCode;
        }
        finally
        {
            await _context.Terminal.Output.FlushAsync(CancellationToken.None);
        }
    }

    private static CliException Known(Exception e) => e switch
    {
        CliException known => known,
        UnauthorizedAccessException => new CliException(ExitCode.NotPermitted, e.Message, "", e),
        IOException => new CliException(ExitCode.Io, e.Message, "", e),
        _ => new CliException(ExitCode.Software, $"{e.GetType().Name}: {e.Message}", "This is a mistake in ogrt-server; --debug shows the trace.", e),
    };

    private void Report(CliException error, bool json)
    {
        if (json)
        {
            _context.Terminal.Error.WriteLine(JsonSerializer.Serialize(new { code = error.ExitCode, message = error.Message, hint = error.Hint }));
            return;
        }
        string line = $"{_context.Terminal.Program}: {error.Message}{(error.Message.EndsWith('.') || error.Message.EndsWith('?') ? "" : ".")}";
        if (error.Hint.Length > 0) line += " " + error.Hint;
        _context.Terminal.Error.WriteLine(SafeText.Of(line));
    }

    private static string Usage(ParseResult parse)
    {
        string path = parse.CommandResult.Command.Name;
        return parse.CommandResult.Command is RootCommand ? "Try ogrt-server --help." : $"Try ogrt-server {path} --help.";
    }

    // The parser's own sentences, except where a name is misspelt.
    private static string Fault(ParseResult parse)
    {
        Command command = parse.CommandResult.Command;
        if (parse.UnmatchedTokens is [{ } token, ..])
        {
            IEnumerable<string> names = token.StartsWith('-')
                ? command.Options.Concat(Ancestors(command).SelectMany(c => c.Options.Where(o => o.Recursive))).Select(o => o.Name)
                : command.Subcommands.Select(c => c.Name);
            string kind = token.StartsWith('-') ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
            return $"There is no {kind} '{token}' here.{Suggestion.Clause(token, names)}";
        }
        return parse.Errors[0].Message;
    }

    private static IEnumerable<Command> Ancestors(Command command) =>
        command.Parents.OfType<Command>().SelectMany(p => Ancestors(p).Prepend(p));
}
