using System.Text;
using System.Text.Json;

namespace Ogrt.Specs.Shim.Watermarks;

/// <summary><c>ogrt stamp</c>: objects that give what they are linked into a watermark.</summary>
[Collection(WatermarkCollection.Name)]
public sealed class StampSpec(ShimFixture shim)
{
    private const string _freestanding = "int answer(void); int answer(void) { return 42; }";

    private readonly WatermarkTools _tools = new(shim);

    [Theory]
    [InlineData("x86-64", "ELF64", "Advanced Micro Devices X86-64")]
    [InlineData("i386", "ELF32", "Intel 80386")]
    [InlineData("aarch64", "ELF64", "AArch64")]
    public void It_is_an_object_file_for_the_machine_that_asks_for_no_executable_stack(string target, string kind, string machine)
    {
        string stamp = _tools.Stamp(shim.NewFolder(), "--target", target);
        string said = ReadElf("-hSW", stamp);

        Assert.Contains(kind, said, StringComparison.Ordinal);
        Assert.Contains(machine, said, StringComparison.Ordinal);
        Assert.Contains("REL (Relocatable file)", said, StringComparison.Ordinal);
        Assert.Matches(@"\.note\.ogrt\.info\s+NOTE\s.*\sA\s+0\s+0\s+4\n", said);
        Assert.Matches(@"\.note\.GNU-stack\s+PROGBITS\s+0+\s+\w+\s+0+\s+00\s+0\s", said);
    }

    [Fact]
    public void Its_note_is_the_one_of_the_first_OGRT_byte_by_byte()
    {
        byte[] stamp = File.ReadAllBytes(_tools.Stamp(shim.NewFolder(), "--uuid", WatermarkTools.Uuid));
        byte[] note = [5, 0, 0, 0, 38, 0, 0, 0, 0x54, 0x52, 0x47, 0x4f, .. "OGRT\0\0\0\0"u8, 1, .. Encoding.ASCII.GetBytes(WatermarkTools.Uuid), 0, 0, 0];

        Assert.True(stamp.AsSpan().IndexOf(note) > 0);
    }

    [Fact]
    public void Each_has_a_random_uuid_of_its_own()
    {
        string folder = shim.NewFolder();
        string?[] marks = [.. Enumerable.Range(0, 20).Select(_ => _tools.WatermarkOf(_tools.Stamp(folder)))];

        Assert.Equal(20, marks.Distinct().Count());
        Assert.All(marks, mark => Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", mark));
    }

    [Theory]
    [InlineData("gcc", "-fcf-protection=full", "IBT, SHSTK")]
    [InlineData("i686-linux-gnu-gcc", "-fcf-protection=full", "IBT, SHSTK")]
    [InlineData("aarch64-linux-gnu-gcc", "-mbranch-protection=standard", "BTI, PAC")]
    public void Control_flow_protection_survives_it(string compiler, string flag, string features)
    {
        Command.Require(compiler);
        string folder = shim.NewFolder();
        File.WriteAllText(Path.Combine(folder, "a.c"), _freestanding);
        Command.Run(compiler, ["-c", "-fPIC", flag, "a.c"], [], folder).Succeeded();
        string stamp = _tools.Stamp(folder, "--like", Path.Combine(folder, "a.o"));
        foreach (string[] objects in new[] { new[] { "a.o", stamp }, [stamp, "a.o"] })
        {
            Command.Run(compiler, ["-shared", "-nostdlib", .. objects, "-o", "lib.so"], [], folder).Succeeded();
            string library = Path.Combine(folder, "lib.so");

            Assert.Contains(features, ReadElf("-nW", library), StringComparison.Ordinal);
            Assert.Matches(@"GNU_STACK\s.*\sRW\s", ReadElf("-lW", library));
            Assert.NotNull(_tools.WatermarkOf(library));
        }
    }

    [Fact]
    public void It_claims_no_protection_that_the_other_objects_do_not_have()
    {
        string folder = shim.NewFolder();
        File.WriteAllText(Path.Combine(folder, "a.c"), _freestanding);
        Command.Run("gcc", ["-c", "-fcf-protection=full", "a.c", "-o", "all.o"], [], folder).Succeeded();
        Command.Run("gcc", ["-c", "-fcf-protection=return", "a.c", "-o", "some.o"], [], folder).Succeeded();
        Command.Run("gcc", ["-c", "-fcf-protection=none", "a.c", "-o", "none.o"], [], folder).Succeeded();
        string Like(params string[] others) => ReadElf("-nW", _tools.Stamp(folder, [.. others.Select(other => "--like=" + Path.Combine(folder, other))]));

        Assert.Matches(@"x86 feature: SHSTK\s", Like("all.o", "some.o"));
        Assert.DoesNotContain("x86 feature", Like("all.o", "none.o"), StringComparison.Ordinal);
        Assert.DoesNotContain("x86 feature", Like(), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_info_says_who_built_where_when_and_with_what()
    {
        string folder = shim.NewFolder(), stamp = Path.Combine(folder, "s.o");
        DateTimeOffset before = DateTimeOffset.UtcNow;
        Command.Run(_tools.Program, ["stamp", "--with-build-info", "-o", stamp],
            [("USER", "grace"), ("LOADEDMODULES", "gcc/12.2:openmpi/4.1"), ("COLLECT_GCC", "mpicc")], folder).Succeeded();
        JsonElement mark = Assert.Single(_tools.Inspect(stamp).GetProperty("watermarks").EnumerateArray());
        DateTimeOffset built = mark.GetProperty("time").GetDateTimeOffset();

        Assert.Equal(2, mark.GetProperty("version").GetInt32());
        Assert.Equal("grace", mark.GetProperty("user").GetString());
        Assert.Equal(Environment.MachineName, mark.GetProperty("host").GetString());
        Assert.Equal(folder, mark.GetProperty("cwd").GetString());
        Assert.Equal("gcc/12.2:openmpi/4.1", mark.GetProperty("modules").GetString());
        Assert.Equal("mpicc", mark.GetProperty("compiler").GetString());
        Assert.InRange(built, before.AddSeconds(-2), DateTimeOffset.UtcNow.AddSeconds(2));
    }

    [Fact]
    public void Build_info_that_is_too_long_is_cut_and_says_so()
    {
        string folder = shim.NewFolder(), stamp = Path.Combine(folder, "s.o");
        string modules = string.Join(':', Enumerable.Range(0, 2000).Select(number => "module/" + number));
        Command.Run(_tools.Program, ["stamp", "-i", "-o", stamp], [("LOADEDMODULES", modules)], folder).Succeeded();
        JsonElement mark = Assert.Single(_tools.Inspect(stamp).GetProperty("watermarks").EnumerateArray());

        Assert.Equal(modules[..4096], mark.GetProperty("modules").GetString());
        Assert.True(mark.GetProperty("modules_cut").GetBoolean());
        Assert.True(new FileInfo(stamp).Length < 20480);
    }

    [Fact]
    public void Readers_of_version_1_find_the_uuid_of_a_stamp_with_build_info()
    {
        string stamp = _tools.Stamp(shim.NewFolder(), "--with-build-info", "--uuid", WatermarkTools.Uuid);
        byte[] note = [5, 0, 0, 0, 38, 0, 0, 0, 0x54, 0x52, 0x47, 0x4f, .. "OGRT\0\0\0\0"u8, 1, .. Encoding.ASCII.GetBytes(WatermarkTools.Uuid), 0, 0, 0];

        Assert.True(File.ReadAllBytes(stamp).AsSpan().IndexOf(note) > 0);
    }

    [Theory]
    [InlineData("stamp: no stamps are made for 'sparc'; x86-64, i386 and aarch64 there are", "--target=sparc")]
    [InlineData("stamp: '1-2-3' is no UUID", "--uuid=1-2-3")]
    [InlineData("stamp: /etc/passwd is no ELF file", "--like=/etc/passwd")]
    [InlineData("stamp: cannot read /no/such.o: No such file or directory", "--like=/no/such.o")]
    [InlineData("stamp: there is no option --nonsense", "--nonsense")]
    [InlineData("stamp: takes no argument such as 'a.o'; --output=a.o names the file to write", "a.o")]
    public void A_wrong_request_is_refused_with_its_reason(string reason, string option)
    {
        CommandResult result = _tools.Ogrt("stamp", option);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public void An_object_for_another_machine_than_asked_for_is_refused()
    {
        string stamp = _tools.Stamp(shim.NewFolder(), "--target=aarch64");
        CommandResult result = _tools.Ogrt("stamp", "--target=x86-64", "--like=" + stamp);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("is for aarch64, not for x86-64", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_names_of_the_first_OGRT_do_the_same()
    {
        string folder = shim.NewFolder(), piped = Path.Combine(folder, "piped.o"), named = Path.Combine(folder, "named.o");
        File.WriteAllBytes(piped, _tools.Ogrt("--generate-signature").Succeeded().Output);
        _tools.Ogrt("--generate-signature", named).Succeeded();

        foreach (string file in new[] { piped, named })
            Assert.Equal(_tools.WatermarkOf(file) + "\n", _tools.Ogrt("--show-signature", file).Succeeded().Text);
        Assert.Equal(1, _tools.Ogrt("--show-signature", "/bin/true").ExitCode);
    }

    [Fact]
    public void A_failing_write_leaves_what_was_there()
    {
        Command.Require("prlimit");
        string folder = shim.NewFolder(), file = Path.Combine(folder, "s.o");
        File.WriteAllText(file, "before");
        // SIGXFSZ is ignored, so that the write fails instead of ending the program.
        CommandResult result = Command.Run("sh", ["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" stamp -o s.o", _tools.Program], [], folder);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("cannot write", result.Error, StringComparison.Ordinal);
        Assert.Equal("before", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void Help_and_version_are_there_for_all()
    {
        Assert.StartsWith("ogrt ", _tools.Ogrt("--version").Succeeded().Text, StringComparison.Ordinal);
        string help = _tools.Ogrt("--help").Succeeded().Text;
        foreach (string command in new[] { "stamp", "inspect", "servers" })
        {
            Assert.Contains("\n  " + command + " ", help, StringComparison.Ordinal);
            Assert.StartsWith("usage: ogrt " + command, _tools.Ogrt(command, "--help").Succeeded().Text, StringComparison.Ordinal);
        }
        CommandResult unknown = _tools.Ogrt("sign");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("there is no command 'sign'", unknown.Error, StringComparison.Ordinal);
    }

    private static string ReadElf(params string[] arguments) => Command.Run("readelf", arguments, [("LC_ALL", "C")]).Succeeded().Text;
}
