using System.Text.RegularExpressions;

namespace Ogrt.Specs.Shim;

/// <summary>From the sources to a node: tarball, installation, manual, and the shape of the sources.</summary>
[Collection(ShimCollection.Name)]
public sealed partial class PackagingSpec(ShimFixture shim)
{
    [Fact]
    public void The_tarball_builds_without_the_rest_and_makes_itself_again()
    {
        string first = Configured(), unpacked = shim.NewFolder(), stage = shim.NewFolder();
        Make(first, "dist");
        Command.Run("tar", ["-xf", Tarball(first, "gz"), "-C", unpacked]).Succeeded();
        string source = Assert.Single(Directory.GetDirectories(unpacked));
        string second = shim.NewFolder();
        Command.Run(Path.Combine(source, "configure"), ["--prefix=/opt/ogrt", "CFLAGS=-O0"], _epoch, second).Succeeded();
        string checks = Make(second, "check");
        Make(second, "install", "DESTDIR=" + stage);
        Make(second, "dist");

        Assert.DoesNotContain("FAILED", checks, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(stage, "opt/ogrt/lib/libogrt.so")));
        foreach (string kind in (string[])["gz", "xz"])
            Assert.Equal(File.ReadAllBytes(Tarball(first, kind)), File.ReadAllBytes(Tarball(second, kind)));
    }

    [Fact]
    public void The_tarball_holds_every_file_of_the_folder_sorted_and_owned_by_nobody()
    {
        string folder = Configured();
        Make(folder, "dist");
        string[] lines = Command.Run("tar", ["-tvf", Tarball(folder, "xz"), "--numeric-owner"]).Succeeded().Lines;
        string top = $"ogrt-shim-{Version}/";
        string[] names = [.. lines.Select(line => line[line.IndexOf(top, StringComparison.Ordinal)..])];

        Assert.All(lines, line => Assert.Matches(@"^(d|-)rw[x-]r-[x-]r-[x-] 0/0 +\d+ 2001-09-09 01:46 ", line));
        Assert.Equal(names.OrderBy(name => name.Replace('/', '\0'), StringComparer.Ordinal), names); // folder by folder
        foreach (string part in (string[])["configure", "Makefile", "LICENSE", "VERSION", "docs/shim.md", "docs/shim-install.md", "man/libogrt.7", "src/arch/i386.h"])
            Assert.Contains(top + part, names);
        Assert.DoesNotContain(names, name => name.EndsWith(".o", StringComparison.Ordinal) || name.Contains("/build/", StringComparison.Ordinal));
    }

    [Fact]
    public void A_package_is_made_from_the_tarball_and_needs_no_other()
    {
        Command.Require("rpmbuild");
        string folder = Configured(), built = shim.NewFolder();
        Make(folder, "dist");
        Command.Run(
            "rpmbuild", ["-tb", "--nodeps", "--nocheck", "--define", "_topdir " + built, "--define", "debug_package %{nil}", Tarball(folder, "gz")],
            [("HOME", built)]).Succeeded();
        string package = Assert.Single(Directory.GetFiles(built, "*.rpm", SearchOption.AllDirectories));
        string[] files = Command.Run("rpm", ["-qpl", package], [("HOME", built)]).Succeeded().Lines;
        string[] needs = Command.Run("rpm", ["-qpR", package], [("HOME", built)]).Succeeded().Lines;

        Assert.Contains("/opt/ogrt/lib/libogrt.so", files);
        Assert.Contains(files, file => file.StartsWith("/opt/ogrt/share/man/man7/libogrt.7", StringComparison.Ordinal));
        Assert.All(needs, need => Assert.StartsWith("rpmlib(", need, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_installed_is_taken_away_again()
    {
        string folder = Configured(), stage = shim.NewFolder();
        Make(folder, "install", "DESTDIR=" + stage);
        string settings = Path.Combine(stage, "opt/ogrt/etc/ogrt-shim.conf");
        Directory.CreateDirectory(Path.GetDirectoryName(settings)!);
        File.WriteAllText(settings, "");
        Assert.True(Directory.GetFiles(stage, "*", SearchOption.AllDirectories).Length > 4);
        Make(folder, "uninstall", "DESTDIR=" + stage);

        Assert.Equal([settings], Directory.GetFiles(stage, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_library_in_use_is_replaced_and_not_written_to()
    {
        string folder = Configured(), stage = shim.NewFolder();
        Make(folder, "install", "DESTDIR=" + stage);
        string library = Path.Combine(stage, "opt/ogrt/lib/libogrt.so"), held = Path.Combine(stage, "held");
        Command.Run("ln", [library, held]).Succeeded(); // what a running program has open
        byte[] old = File.ReadAllBytes(held);
        File.AppendAllText(Path.Combine(folder, "build/libogrt.so"), "another");
        Make(folder, "install", "DESTDIR=" + stage);

        Assert.Equal(old, File.ReadAllBytes(held));
        Assert.NotEqual(old, File.ReadAllBytes(library));
    }

    [Fact]
    public void The_manual_is_clean_to_both_formatters()
    {
        Command.Require("mandoc");
        Command.Require("groff");
        string folder = Configured();
        Make(folder, "check-man");
        string[] pages = Directory.GetFiles(Path.Combine(folder, "build/man"));

        Assert.Contains(pages, page => page.EndsWith("libogrt.7", StringComparison.Ordinal));
        foreach (string page in pages)
        {
            Assert.DoesNotMatch(Placeholder(), File.ReadAllText(page));
            if (Command.Find("man") is { } man)
                Assert.Empty(Command.Run(man, ["--warnings", "-l", page], [("LC_ALL", "C.UTF-8"), ("MANPAGER", "cat")]).Succeeded().Error);
        }
    }

    [Fact]
    public void A_page_with_a_mistake_is_not_clean()
    {
        Command.Require("mandoc");
        Command.Require("groff");
        string source = shim.NewFolder();
        Command.Run("cp", ["-a", shim.Source + "/.", source]).Succeeded();
        File.AppendAllText(Path.Combine(source, "man/libogrt.7"), ".NOSUCH macro\n");
        string folder = shim.NewFolder();
        Command.Run(Path.Combine(source, "configure"), [], [], folder).Succeeded();

        Assert.NotEqual(0, Command.Run("make", ["check-man"], [], folder).ExitCode);
    }

    [Fact]
    public void The_sources_are_formatted_as_the_tool_formats_them()
    {
        Command.Require("clang-format");
        Make(Configured(), "format-check");
    }

    private static readonly (string, string)[] _epoch = [("SOURCE_DATE_EPOCH", "1000000000")];

    private string Version => File.ReadAllText(Path.Combine(shim.Source, "VERSION")).Trim();

    private string Tarball(string folder, string kind) => Path.Combine(folder, $"ogrt-shim-{Version}.tar.{kind}");

    private string Configured()
    {
        string folder = shim.NewFolder();
        Command.Run(Path.Combine(shim.Source, "configure"), ["--prefix=/opt/ogrt", "CFLAGS=-O0"], [], folder).Succeeded();
        return folder;
    }

    private static string Make(string folder, params string[] arguments) =>
        Command.Run("make", ["-j2", .. arguments], [.. _epoch, ("TZ", "UTC")], folder).Succeeded().Text;

    [GeneratedRegex("@[a-zA-Z]+@")]
    private static partial Regex Placeholder();
}
