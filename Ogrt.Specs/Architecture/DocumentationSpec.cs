using System.Text.RegularExpressions;
using Ogrt.Specs.Server;

namespace Ogrt.Specs.Architecture;

/// <summary>What the pages promise by their form: links lead somewhere, indexes are complete, metrics are named.</summary>
public sealed partial class DocumentationSpec
{
    private static readonly string Docs = Path.Combine(Repository.Root, "docs");
    private static readonly string Decisions = Path.Combine(Docs, "decisions");

    private static IEnumerable<string> Pages =>
        [Path.Combine(Repository.Root, "README.md"), .. Directory.EnumerateFiles(Docs, "*.md", SearchOption.AllDirectories)];

    [Fact]
    public void Every_relative_link_leads_to_a_file_and_to_a_heading_of_it()
    {
        var broken = new List<string>();
        foreach (string page in Pages)
        {
            foreach (string link in Links(page))
            {
                if (link.Contains("://", StringComparison.Ordinal)) continue;
                string[] parts = link.Split('#', 2);
                string target = parts[0].Length == 0 ? page : Path.GetFullPath(parts[0], Path.GetDirectoryName(page)!);
                bool leads = parts.Length == 1 ? Path.Exists(target) : File.Exists(target) && Headings(target).Contains(parts[1]);
                if (!leads) broken.Add($"{Path.GetRelativePath(Repository.Root, page)}: {link}");
            }
        }
        Assert.Empty(broken);
    }

    [Fact]
    public void The_index_names_every_page() =>
        Assert.Empty(Names(Docs).Except(Links(Path.Combine(Docs, "README.md"))));

    [Fact]
    public void The_index_of_the_decisions_names_every_decision() =>
        Assert.Empty(Names(Decisions).Except(Links(Path.Combine(Decisions, "README.md"))));

    [Fact]
    public void Decisions_are_numbered_without_a_gap_or_a_repetition() =>
        Assert.Equal(
            Enumerable.Range(1, Names(Decisions).Length).Select(n => n.ToString("0000", null)),
            Names(Decisions).Order(StringComparer.Ordinal).Select(name => name.Split('-')[0]));

    [Fact]
    public void Every_metric_of_the_code_is_named_on_a_page()
    {
        string text = string.Concat(Pages.Select(File.ReadAllText));
        string[] metrics =
        [
            .. new[] { "Ogrt.Actors", "Ogrt.Sinks", "Ogrt.Server" }
                .SelectMany(project => Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.cs", SearchOption.AllDirectories))
                .SelectMany(file => Metric().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value)).Distinct(),
        ];
        Assert.NotEmpty(metrics);
        Assert.DoesNotContain(metrics, metric => !Regex.IsMatch(text, $@"\b{metric}\b"));
    }

    private static string[] Names(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.md").Select(page => Path.GetFileName(page)).Where(name => name != "README.md")];

    private static IEnumerable<string> Links(string page) =>
        Link().Matches(CodeBlock().Replace(File.ReadAllText(page), "")).Select(m => m.Groups[1].Value);

    // As GitHub makes them: lower case, hyphens for blanks, and nothing else but letters, digits and underscores.
    private static IEnumerable<string> Headings(string page) => File.ReadLines(page)
        .Where(line => line.StartsWith('#'))
        .Select(line => NoAnchor().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();

    [GeneratedRegex("""
        "((?:ogrt_(?:actor|cluster|ingest|journal|jobs|sink|dlq|store|build)_)[a-z_]+)"
        """)]
    private static partial Regex Metric();
}
