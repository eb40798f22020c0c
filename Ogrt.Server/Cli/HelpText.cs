using System.CommandLine;
using System.CommandLine.Invocation;

namespace Ogrt.Server.Cli;

/// <summary>The help of a command: what it does, examples first, then arguments and options.</summary>
public sealed class HelpText(CommandContext context) : SynchronousCommandLineAction
{
    private const string ProgramName = "ogrt-server";
    private const int Width = 100;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        Write(context.Terminal.Output, parseResult.CommandResult.Command);
        return ExitCode.Ok;
    }

    /// <summary>Writes the help of a command.</summary>
    public void Write(TextWriter output, Command command)
    {
        WriteWrapped(output, command.Description ?? "", 0);
        output.WriteLine();
        output.WriteLine("Usage:");
        output.WriteLine("  " + Usage(command));
        if (context.Examples.TryGetValue(command, out IReadOnlyList<(string Line, string What)>? examples))
        {
            output.WriteLine();
            output.WriteLine("Examples:");
            WriteRows(output, examples.Select(e => (e.Line, e.What)).ToList());
        }
        WriteSection(output, "Commands:", command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, c.Description ?? "")));
        WriteSection(output, "Arguments:", command.Arguments.Select(a => ($"{Name(a)}", a.Description ?? "")));
        WriteSection(output, "Options:", command.Options.Where(o => !o.Hidden && !o.Recursive).Select(o => (Label(o), o.Description ?? "")));
        WriteSection(output, "Options of every command:", Recursive(command).Select(o => (Label(o), o.Description ?? "")));
        output.WriteLine();
        output.WriteLine("docs/cli.md describes the commands, docs/configuration.md the configuration.");
    }

    private static IEnumerable<Option> Recursive(Command command)
    {
        var seen = new HashSet<Option>();
        for (Command? at = command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
            foreach (Option option in at.Options.Where(o => o.Recursive && !o.Hidden && seen.Add(o)))
                yield return option;
    }

    private static string Usage(Command command)
    {
        string path = command is RootCommand ? ProgramName : command.Name;
        for (Command? at = command.Parents.OfType<Command>().FirstOrDefault(); at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
            path = (at is RootCommand ? ProgramName : at.Name) + " " + path;
        if (command.Subcommands.Any(c => !c.Hidden)) return path + " COMMAND [OPTIONS]";
        return path + string.Concat(command.Arguments.Select(a => a.Arity.MinimumNumberOfValues > 0 ? $" {Name(a)}" : $" [{Name(a)}]")) + " [OPTIONS]";
    }

    private static string Name(Argument argument) => argument.HelpName ?? argument.Name;

    private static string Label(Option option)
    {
        string names = string.Join(", ", option.Aliases.Where(a => a.Length == 2 && a[0] == '-' && a[1] != '?').Append(option.Name));
        return option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0 ? names : $"{names} {option.HelpName ?? "VALUE"}";
    }

    private static void WriteSection(TextWriter output, string title, IEnumerable<(string, string)> rows)
    {
        List<(string, string)> list = rows.ToList();
        if (list.Count == 0) return;
        output.WriteLine();
        output.WriteLine(title);
        WriteRows(output, list);
    }

    private static void WriteRows(TextWriter output, List<(string Left, string Right)> rows)
    {
        int left = Math.Min(34, rows.Max(r => r.Left.Length)) + 4;
        foreach ((string label, string text) in rows)
        {
            output.Write("  " + label);
            if (label.Length + 4 > left)
            {
                output.WriteLine();
                output.Write(new string(' ', left));
            }
            else
            {
                output.Write(new string(' ', left - 2 - label.Length));
            }
            WriteWrapped(output, text, left);
        }
    }

    private static void WriteWrapped(TextWriter output, string text, int indent)
    {
        int column = indent;
        foreach (string word in text.Split(' '))
        {
            if (column > indent && column + word.Length + 1 > Width)
            {
                output.WriteLine();
                output.Write(new string(' ', indent));
                column = indent;
            }
            if (column > indent)
            {
                output.Write(' ');
                column++;
            }
            output.Write(word);
            column += word.Length;
        }
        output.WriteLine();
    }
}
