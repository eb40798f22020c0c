using System.CommandLine;

namespace Ogrt.Server.Cli.Commands;

/// <summary><c>ogrt-server completion SHELL</c>: a script that asks the program itself what can stand at the cursor.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # Completion of ogrt-server for bash: put this into /etc/bash_completion.d/ogrt-server, or
        #   eval "$(ogrt-server completion bash)"
        _ogrt_server() {
            local line=${COMP_LINE:0:$COMP_POINT}
            mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null | grep -F -- "${COMP_WORDS[COMP_CWORD]}")
        }
        complete -o default -F _ogrt_server ogrt-server
        """;

    private const string Zsh = """
        #compdef ogrt-server
        # Completion of ogrt-server for zsh: put this as _ogrt-server into a folder of $fpath.
        _ogrt_server() {
            local line=${BUFFER[1,CURSOR]}
            local -a found
            found=("${(@f)$(${words[1]} "[suggest:${#line}]" "$line" 2>/dev/null)}")
            compadd -a found
            _files
        }
        compdef _ogrt_server ogrt-server
        """;

    private const string Fish = """
        # Completion of ogrt-server for fish: put this into ~/.config/fish/completions/ogrt-server.fish.
        function __ogrt_server_complete
            set -l line (commandline -cp)
            ogrt-server "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c ogrt-server -a '(__ogrt_server_complete)'
        """;

    public static Command Create(CommandContext context)
    {
        var shell = new Argument<string>("shell") { HelpName = "SHELL", Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a completion script for a shell.") { shell };
        context.Examples[command] = [("eval \"$(ogrt-server completion bash)\"", "Complete in this shell.")];
        command.SetAction(parse =>
        {
            context.Terminal.Output.WriteLine(parse.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
            return ExitCode.Ok;
        });
        return command;
    }
}
