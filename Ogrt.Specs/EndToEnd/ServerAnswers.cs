using System.Globalization;
using System.Text;
using System.Text.Json;
using Ogrt.Server.Cli;

namespace Ogrt.Specs.EndToEnd;

/// <summary>What the commands say of the jobs of a server.</summary>
internal static class ServerAnswers
{
    /// <summary>Runs a command on the configuration of a server, but within this process, which is many times as fast.</summary>
    /// <returns>Its exit code and what it has written.</returns>
    public static async Task<(int ExitCode, string Output, string Error)> CommandHereAsync(this ServerProcess server, params string[] command)
    {
        await using StringWriter output = new();
        await using StringWriter error = new();
        CommandLineProgram program = new(new Terminal { Output = output, Error = error });
        // Options first: behind "--" everything is a job.
        string[] settings = [.. server.Settings.SelectMany(setting => new[] { "--set", setting })];
        int code = await program.RunAsync([command[0], .. settings, .. command[1..]]);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>The processes of a job by <c>job JOB --json</c>; none while nobody knows it.</summary>
    public static async Task<IReadOnlyList<JsonElement>> ProcessesAsync(ServerProcess server, string job)
    {
        (int code, string output, _) = await server.CommandHereAsync("job", "--json", "--", job);
        if (code != 0)
            return [];
        using JsonDocument document = JsonDocument.Parse(output);
        return [.. document.RootElement.GetProperty("processes").EnumerateArray().Select(process => process.Clone())];
    }

    /// <summary>A job by <c>tree JOB --json</c>; null while nobody knows it.</summary>
    public static async Task<JsonElement?> TreeAsync(ServerProcess server, string job, params string[] options)
    {
        (int code, string output, _) = await server.CommandHereAsync(["tree", "--json", .. options, "--", job]);
        if (code != 0)
            return null;
        using JsonDocument document = JsonDocument.Parse(output, new JsonDocumentOptions { MaxDepth = 10_000 });
        return document.RootElement.Clone();
    }

    /// <summary>All nodes of a tree, each before those below it.</summary>
    public static IEnumerable<JsonElement> Nodes(JsonElement tree, string name = "nodes") =>
        tree.GetProperty(name).EnumerateArray().SelectMany(node => Nodes(node, "children").Prepend(node));

    /// <summary>Fails when a terminal would act on something in a text other than its newlines, and its tabs where they
    /// separate columns.</summary>
    public static void AssertHarmless(string text, bool tabs = false)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool acts = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            Assert.False(acts && rune.Value != '\n' && !(tabs && rune.Value == '\t'), $"U+{rune.Value:X4} in:\n{text}");
        }
    }
}
