using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Ogrt.Sinks.Shaping;

namespace Ogrt.Specs.Sinks;

public sealed class ShapingPatternsSpec
{
    [Theory]
    [InlineData("/usr/bin/*", "/usr/bin/bash", true)]
    [InlineData("/usr/bin/*", "/usr/bin/x/bash", false)]
    [InlineData("/usr/**", "/usr/bin/x/bash", true)]
    [InlineData("/usr/**/bash", "/usr/bin/x/bash", true)]
    [InlineData("/usr/**/bash", "/usr/bin/x/dash", false)]
    [InlineData("*", "", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("SLURM_*", "SLURM_JOB_ID", true)]
    [InlineData("a*b*c", "aXbYbZc", true)]
    [InlineData("a*b*c", "aXbYbZ", false)]
    [InlineData("**/x*y", "a/b/x/y", false)]
    [InlineData("a.c", "abc", false)]
    public void A_glob_matches_the_whole_text(string pattern, string text, bool matches) =>
        Assert.Equal(matches, new Glob(pattern).Matches(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_glob_matches_what_the_same_regular_expression_matches()
    {
        Gen.Select(Gen.String[Gen.Char["ab/*"], 0, 8], Gen.String[Gen.Char["ab/"], 0, 10]).Sample((pattern, text) =>
        {
            string regex = "^" + Regex.Replace(pattern, @"\*\*|\*|[^*]+", m => m.Value switch { "**" => "(.*)", "*" => "([^/]*)", var s => Regex.Escape(s) }) + "$";
            Assert.Equal(Regex.IsMatch(text, regex, RegexOptions.Singleline), new Glob(pattern).Matches(Encoding.UTF8.GetBytes(text)));
        }, iter: 20_000);
    }

    [Fact]
    public void A_glob_of_many_stars_takes_no_exponential_time()
    {
        // 2^40 steps for a matcher that tries all ways.
        Assert.False(new Glob(string.Concat(Enumerable.Repeat("*a", 40)) + "b").Matches(Encoding.UTF8.GetBytes(new string('a', 5000))));
        Assert.False(new Glob(string.Concat(Enumerable.Repeat("**a", 40)) + "b").Matches(Encoding.UTF8.GetBytes(new string('a', 5000))));
    }

    [Fact]
    public void A_pattern_that_backtracks_without_end_is_given_up_and_counted()
    {
        var pattern = TextPattern.Create(@"^(?=(a+)+$)\1\1b", TimeSpan.FromMilliseconds(20));
        byte[] text = Encoding.UTF8.GetBytes(new string('a', 60) + "!");
        Assert.False(pattern.IsMatch(text));
        Assert.Equal(1, pattern.Timeouts);
        // What cannot be looked through is hidden as a whole.
        Assert.Equal("[redacted]"u8.ToArray(), new Redaction([pattern]).Of(text));
    }

    [Fact]
    public void The_same_pattern_without_look_around_is_matched_in_linear_time()
    {
        var pattern = TextPattern.Create("^(a+)+$", TimeSpan.FromMilliseconds(1));
        Assert.False(pattern.IsMatch(Encoding.UTF8.GetBytes(new string('a', 5000) + "!")));
        Assert.Equal(0, pattern.Timeouts);
    }

    [Theory]
    [InlineData("mysql --password=hunter2 -h db", "mysql --password=[redacted] -h db")]
    [InlineData("mysql --password hunter2", "mysql --password [redacted]")]
    [InlineData("mysql -h db", null)]
    [InlineData("--password=a --password=b", "--password=[redacted] --password=[redacted]")]
    public void The_secret_of_a_command_line_is_blacked_out(string line, string? expected)
    {
        byte[]? redacted = Passwords().Of(Encoding.UTF8.GetBytes(line));
        Assert.Equal(expected, redacted is null ? null : Encoding.UTF8.GetString(redacted));
    }

    [Fact]
    public void A_secret_is_found_in_one_argument_and_in_the_next_one()
    {
        Assert.Equal(["mysql", "--password=[redacted]", "-v"], Arguments("mysql", "--password=hunter2", "-v"));
        Assert.Equal(["mysql", "--password", "[redacted]", "-v"], Arguments("mysql", "--password", "hunter2", "-v"));
    }

    [Fact]
    public void Places_that_overlap_are_blacked_out_once_each_and_nothing_of_them_is_left()
    {
        var redaction = new Redaction([TextPattern.Create("secret.*end", TimeSpan.FromSeconds(1)), TextPattern.Create("cret", TimeSpan.FromSeconds(1))]);
        string text = Encoding.UTF8.GetString(redaction.Of("a secret b end c"u8)!);
        Assert.DoesNotContain("cret", text, StringComparison.Ordinal);
        Assert.Equal("a [redacted] c", text);
    }

    private static Redaction Passwords() => new([TextPattern.Create(@"--password[= ](?<secret>\S+)", TimeSpan.FromSeconds(1))]);

    private static IEnumerable<string> Arguments(params string[] arguments) =>
        Passwords().Of([.. arguments.Select(Encoding.UTF8.GetBytes)])!.Select(Encoding.UTF8.GetString);
}
