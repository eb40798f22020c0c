using Akka.Configuration;
using CsCheck;
using Ogrt.Server.Configuration;

namespace Ogrt.Specs.Server;

public class HoconScannerSpec
{
    [Fact]
    public void Every_assignment_knows_its_line()
    {
        IReadOnlyList<HoconAssignment> found = HoconScanner.Scan("""
            # heading

            # The first.
            a = 1
            b {
              // the second
              c.d : "x # no comment" # behind it

              e {
                f = [1, "two",
                  three] , g = ${a}"/"${b.c.d}
              }
            }
            """, "x.hocon");

        Assert.Equal(
            [("a", 4, "The first."), ("b.c.d", 7, "the second behind it"), ("b.e.f", 10, ""), ("b.e.g", 11, "")],
            found.Select(f => (f.Path, f.Line, f.Comment)));
        Assert.Equal(["1", "two", "three"], found[2].Value.Items!.Select(i => i.Parts[0].Text));
        Assert.Equal(["a", "b.c.d"], found[3].Value.Substitutions);
    }

    [Theory]
    [InlineData("a = 1\nb {\nc = 2", 3, "brace opened in line 2")]
    [InlineData("a = 1\n}", 2, "not opened")]
    [InlineData("a", 1, "'=' or '{'")]
    [InlineData("a =\nb = 1", 1, "has no value")]
    [InlineData("a = \"x", 1, "quote is not closed")]
    [InlineData("a = \"x\ny\"", 1, "quote is not closed")]
    [InlineData("a = [1, 2", 1, "list opened in line 1")]
    [InlineData("a += 1", 1, "'+='")]
    [InlineData("a = ${?HOME}", 1, "variable A")]
    [InlineData("a.b = ${?X}", 1, "variable A__B")]
    [InlineData("a = 1 { b = 2 }", 1, "joined")]
    [InlineData("a = http://x", 1, "must be in quotes")]
    [InlineData("a = {b = 1} c", 1, "stands behind")]
    [InlineData("a = \"\\q\"", 1, "escape")]
    [InlineData("include \"x\"", 1, "include is not possible")]
    [InlineData("a = [{b = 1}]", 1, "object stands in the list")]
    [InlineData("{ a = 1 } b = 2", 1, "behind the closing brace")]
    public void A_slip_is_a_fault_with_its_line(string text, int line, string message)
    {
        HoconSyntaxException fault = Assert.Throws<HoconSyntaxException>(() => HoconScanner.Scan(text, "x.hocon"));
        Assert.Equal(line, fault.Line);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    // Documents that the scanner accepts, with all that a file may hold: both parsers must read the same from them.
    private static readonly Gen<string> Key = Gen.OneOf(
        Gen.String[Gen.Char["abcxyz-_09"], 1, 6],
        Gen.String[Gen.Char["abc d:#"], 1, 6].Select(k => $"\"{k}\""));

    private static readonly Gen<string> Scalar = Gen.OneOf(
        Gen.String[Gen.Char["abcXYZ019.-_/%;"], 1, 8].Where(s => !s.Contains("//", StringComparison.Ordinal)),
        Gen.Int[0, 99].Select(n => $"{n} MiB"),
        Gen.String[Gen.Char["ab {}[]=:#,.'"], 0, 8].Select(s => $"\"{s}\""),
        Gen.Const("\"a\\\"b\\\\c\\u0041\""),
        Gen.Const("a \"b c\" d"));

    private static readonly Gen<string> Value = Gen.OneOf(
        Scalar,
        Scalar.Array[0, 4].Select(items => $"[{string.Join(", ", items)}]"),
        Scalar.Array[1, 4].Select(items => $"[\n  {string.Join("\n  ", items)}\n]"));

    private static Gen<string> Members(int depth) => Gen.Select(
        Key,
        depth == 0 ? Value.Select(v => " = " + v) : Gen.OneOf(
            Value.Select(v => " = " + v),
            Value.Select(v => ": " + v + " # note"),
            Members(depth - 1).Select(m => $" {{\n{m}\n}}"),
            Members(depth - 1).Select(m => $" = {{ # note\n{m}\n}}"),
            Gen.Select(Key, Value, (k, v) => $".{k} = {v},")),
        (key, rest) => key + rest).Array[1, 5].Select(m => string.Join("\n# comment\n", m));

    [Fact]
    public void The_scanner_and_Akkas_parser_read_the_same() => Members(2).Sample(document =>
    {
        IReadOnlyList<HoconAssignment> found = HoconScanner.Scan(document, "x.hocon");
        Config theirs = ConfigurationFactory.ParseString(document);
        // The last assignment of a path counts, and one to a path above or below takes an earlier one away.
        var last = new Dictionary<string, HoconAssignment>();
        foreach (HoconAssignment assignment in found)
        {
            foreach (string covered in last.Keys.Where(k =>
                k.StartsWith(assignment.Path + ".", StringComparison.Ordinal) || assignment.Path.StartsWith(k + ".", StringComparison.Ordinal)).ToList())
                last.Remove(covered);
            last[assignment.Path] = assignment;
        }
        Config ours = ConfigurationFactory.ParseString(ConfigLoader.Canonical(
            last.Values.Select(a => new ConfigEntry(a.Path, a.Value, new ConfigOrigin(ConfigOriginKind.File, "x", a.Line)))));
        foreach (HoconAssignment assignment in last.Values)
        {
            string path = string.Join('.', assignment.Path.Split('.').Select(s => $"\"{s}\""));
            if (assignment.Value.Items is null) Assert.Equal(theirs.GetString(path), ours.GetString(path));
            else Assert.Equal(theirs.GetStringList(path), ours.GetStringList(path));
        }
    }, iter: 2000);
}
