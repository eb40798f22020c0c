using System.Text.Json;

namespace Ogrt.Specs.Shim.Watermarks;

/// <summary>The wrapper around linkers: every final link gets a stamp, whoever calls the linker and whichever it is.</summary>
[Collection(WatermarkCollection.Name)]
public sealed class LinkerWrapperSpec(ShimFixture shim)
{
    private const string _c = """
        #include <stdio.h>
        int main(void) { puts("it runs"); return 7; }
        """;

    private const string _fortran = """
              print '(a)', 'it runs'
              call exit(7)
              end

        """;

    private readonly WatermarkTools _tools = new(shim);

    public static TheoryData<string, string> CompilersAndLinkers
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string compiler in new[] { "gcc", "g++", "clang", "gfortran" })
                foreach (string linker in new[] { "", "bfd", "gold", "lld", "mold" })
                    data.Add(compiler, linker);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(CompilersAndLinkers))]
    public void Every_compiler_with_every_linker_makes_programs_with_a_watermark(string compiler, string linker)
    {
        Command.Require(compiler);
        Command.Require(linker.Length == 0 ? "ld" : "ld." + linker);
        string folder = Sources(), source = compiler switch { "gfortran" => "a.f", "g++" => "a.cc", _ => "a.c" };
        string[] choice = linker.Length == 0 ? [] : ["-fuse-ld=" + linker];
        Link(folder, compiler, [source, .. choice]);
        CommandResult ran = Command.Run(Path.Combine(folder, "out"));

        Assert.NotNull(_tools.WatermarkOf(Path.Combine(folder, "out")));
        Assert.Equal("it runs\n", ran.Text);
        Assert.Equal(7, ran.ExitCode);
        Assert.Matches(@"GNU_STACK\s.*\sRW\s", Command.Run("readelf", "-lW", Path.Combine(folder, "out")).Succeeded().Text);
    }

    [Theory]
    [InlineData("-static")]
    [InlineData("-static-pie")]
    [InlineData("-no-pie")]
    [InlineData("-flto")]
    [InlineData("-s")]
    [InlineData("-Wl,--gc-sections", "-ffunction-sections")]
    [InlineData("-Wl,--build-id=md5")]
    [InlineData("-Wl,-z,noexecstack", "-Wl,--fatal-warnings")]
    [InlineData("-Wl,--start-group", "-lm", "-Wl,--end-group")]
    [InlineData("-fuse-ld=lld", "-Wl,--icf=all", "-Wl,--gc-sections")]
    [InlineData("-fuse-ld=gold", "-Wl,--icf=all", "-Wl,--gc-sections")]
    [InlineData("-fuse-ld=mold", "-Wl,--icf=all", "-Wl,--gc-sections")]
    public void The_watermark_survives_what_the_linker_is_asked_for(params string[] flags)
    {
        string folder = Sources(), file = Path.Combine(folder, "out");
        if (flags.FirstOrDefault(flag => flag.StartsWith("-fuse-ld=", StringComparison.Ordinal)) is { } linker)
            Command.Require("ld." + linker[9..]);
        Link(folder, "gcc", ["a.c", .. flags]);
        JsonElement found = _tools.Inspect(file);

        Assert.NotNull(found.GetProperty("watermark").GetString());
        Assert.NotNull(found.GetProperty("build_id").GetString());
        Assert.True(Assert.Single(found.GetProperty("watermarks").EnumerateArray()).GetProperty("loaded").GetBoolean());
        Assert.Equal(7, Command.Run(file).ExitCode);
    }

    [Theory]
    [InlineData("gcc", "x86-64")]
    [InlineData("i686-linux-gnu-gcc", "i386")]
    [InlineData("aarch64-linux-gnu-gcc", "aarch64")]
    public void The_stamp_is_for_the_machine_that_is_linked_for(string compiler, string machine)
    {
        Command.Require(compiler);
        string folder = Sources();
        Link(folder, compiler, ["a.c"]);
        JsonElement found = _tools.Inspect(Path.Combine(folder, "out"));

        Assert.Equal(machine, found.GetProperty("machine").GetString());
        Assert.NotNull(found.GetProperty("watermark").GetString());
    }

    [Theory]
    [InlineData("gcc", "-fcf-protection=full", "IBT, SHSTK")]
    [InlineData("gcc", "-fcf-protection=full", "IBT, SHSTK", "-fuse-ld=gold")]
    [InlineData("gcc", "-fcf-protection=full", "IBT, SHSTK", "-fuse-ld=lld")]
    [InlineData("i686-linux-gnu-gcc", "-fcf-protection=full", "IBT, SHSTK")]
    [InlineData("aarch64-linux-gnu-gcc", "-mbranch-protection=standard", "BTI, PAC")]
    public void Control_flow_protection_is_kept(string compiler, string flag, string features, params string[] linker)
    {
        Command.Require(compiler);
        string folder = Sources();
        File.WriteAllText(Path.Combine(folder, "lib.c"), "int answer(void); int answer(void) { return 42; }");
        // Without the C library's start code, which has the marks on some distributions only.
        string[] arguments = [flag, "-fPIC", "-shared", "-nostdlib", "lib.c", .. linker];
        Link(folder, compiler, arguments);
        string with = ReadElf("-nW", folder);
        Command.Run(compiler, [.. arguments, "-o", "out"], [], folder).Succeeded();

        Assert.Contains(features, with, StringComparison.Ordinal);
        Assert.Contains("OGRT", with, StringComparison.Ordinal);
        Assert.Contains(features, ReadElf("-nW", folder), StringComparison.Ordinal);
    }

    [Fact]
    public void Shared_objects_and_executables_have_watermarks_of_their_own()
    {
        string folder = Sources(), file = Path.Combine(folder, "out");
        File.WriteAllText(Path.Combine(folder, "lib.c"), "int answer(void) { return 42; }");
        File.WriteAllText(Path.Combine(folder, "main.c"), "int answer(void); int main(void) { return answer(); }");
        Run(folder, "gcc", ["-shared", "-fPIC", "lib.c", "-o", "lib.so"]).Succeeded();
        Link(folder, "gcc", ["main.c", "./lib.so"]);

        Assert.NotNull(_tools.WatermarkOf(Path.Combine(folder, "lib.so")));
        Assert.NotNull(_tools.WatermarkOf(file));
        Assert.NotEqual(_tools.WatermarkOf(Path.Combine(folder, "lib.so")), _tools.WatermarkOf(file));
    }

    [Fact]
    public void It_is_found_by_B_and_by_PATH_too()
    {
        string folder = Sources(), file = Path.Combine(folder, "out");
        Command.Run("gcc", ["-B" + _tools.Wrappers, "a.c", "-o", "out"], [], folder).Succeeded();
        string? byOption = _tools.WatermarkOf(file);
        Command.Run("gcc", ["a.c", "-o", "out"], [("PATH", _tools.Wrappers + ":/usr/bin:/bin")], folder).Succeeded();
        string? byPath = _tools.WatermarkOf(file);

        Assert.NotNull(byOption);
        Assert.NotNull(byPath);
        Assert.NotEqual(byOption, byPath);
    }

    [Fact]
    public void Response_files_are_understood()
    {
        string folder = Sources();
        File.WriteAllText(Path.Combine(folder, "inner"), "-o 'out'\n");
        File.WriteAllText(Path.Combine(folder, "outer"), "\"a.c\" @inner -l\\m");
        Run(folder, "gcc", ["@outer"]).Succeeded();
        Assert.NotNull(_tools.WatermarkOf(Path.Combine(folder, "out")));

        Run(folder, "gcc", ["-c", "a.c"]).Succeeded();
        File.WriteAllText(Path.Combine(folder, "relocatable"), "\"-r\" a.o\n-o again\\.o");
        Run(folder, Path.Combine(_tools.Wrappers, "ld"), ["@relocatable"]).Succeeded();
        Assert.Null(_tools.WatermarkOf(Path.Combine(folder, "again.o")));
    }

    [Fact]
    public void Settings_of_the_environment_choose_the_stamp()
    {
        string folder = Sources(), file = Path.Combine(folder, "out");
        string? Built(params (string, string)[] settings)
        {
            Run(folder, "gcc", ["a.c", "-o", "out"], settings).Succeeded();
            return _tools.WatermarkOf(file);
        }

        Assert.Null(Built(("OGRT_STAMP", "no")));
        Assert.NotEqual(Built(), Built());
        string? content = Built(("OGRT_STAMP_UUID", "content"));
        byte[] bytes = File.ReadAllBytes(file);
        Assert.NotNull(content);
        Assert.Equal(content, Built(("SOURCE_DATE_EPOCH", "1700000000")));
        Assert.Equal(bytes, File.ReadAllBytes(file));
        Assert.NotEqual(content, Built(("SOURCE_DATE_EPOCH", "1700000000"), ("OGRT_STAMP_UUID", "random")));
        File.AppendAllText(Path.Combine(folder, "a.c"), "int more = 1;\n");
        Assert.NotEqual(content, Built(("OGRT_STAMP_UUID", "content")));
    }

    [Fact]
    public void Build_info_names_compiler_modules_and_output()
    {
        string folder = Sources();
        Run(folder, "clang", ["a.c", "-o", "out"], ("OGRT_STAMP_INFO", "yes"), ("LOADEDMODULES", "llvm/14"), ("USER", "grace")).Succeeded();
        JsonElement mark = Assert.Single(_tools.Inspect(Path.Combine(folder, "out")).GetProperty("watermarks").EnumerateArray());

        Assert.Contains("clang", mark.GetProperty("compiler").GetString(), StringComparison.Ordinal);
        Assert.Equal("llvm/14", mark.GetProperty("modules").GetString());
        Assert.Equal("out", mark.GetProperty("output").GetString());
        Assert.Equal("grace", mark.GetProperty("user").GetString());
        Assert.Equal(folder, mark.GetProperty("cwd").GetString());
    }

    [Fact]
    public void Reproducible_build_info_says_nothing_of_the_builder()
    {
        string folder = Sources();
        Run(folder, "gcc", ["a.c", "-o", "out"], ("OGRT_STAMP_INFO", "yes"), ("SOURCE_DATE_EPOCH", "1700000000"), ("USER", "grace")).Succeeded();
        JsonElement mark = Assert.Single(_tools.Inspect(Path.Combine(folder, "out")).GetProperty("watermarks").EnumerateArray());

        Assert.Equal("2023-11-14T22:13:20Z", mark.GetProperty("time").GetString());
        Assert.Equal("gcc", mark.GetProperty("compiler").GetString());
        Assert.All(new[] { "user", "uid", "host", "cwd", "output" }, key => Assert.False(mark.TryGetProperty(key, out _)));
    }

    [Fact]
    public void A_map_is_the_linkers_own_with_the_stamp_in_it()
    {
        string folder = Sources();
        Link(folder, "gcc", ["a.c", "-Wl,-Map=out.map"]);
        CommandResult result = Run(folder, "gcc", ["a.c", "-o", "out", "-Wl,--print-map"]).Succeeded();

        Assert.Contains(".note.ogrt.info", File.ReadAllText(Path.Combine(folder, "out.map")), StringComparison.Ordinal);
        Assert.Contains("Linker script and memory map", result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bfd")]
    [InlineData("gold")]
    [InlineData("lld")]
    [InlineData("mold")]
    public void A_dependency_file_names_what_make_can_find(string linker)
    {
        Command.Require("ld." + linker);
        string folder = Sources(), file = Path.Combine(folder, "out.d");
        string[] arguments = ["-fuse-ld=" + linker, "a.o", "-o", "out", "-Wl,--dependency-file=out.d"];
        Run(folder, "gcc", ["-c", "a.c"]).Succeeded();
        Run(folder, "gcc", arguments).Succeeded();
        string with = File.ReadAllText(file);
        string? mark = _tools.WatermarkOf(Path.Combine(folder, "out"));
        Command.Run("gcc", arguments, [], folder).Succeeded();

        Assert.NotNull(mark);
        Assert.Equal(File.ReadAllText(file), with);
    }

    [Fact]
    public void Links_at_the_same_time_do_not_meet()
    {
        string folder = Sources();
        File.WriteAllText(Path.Combine(folder, "Makefile"), """
            all: $(addprefix out,1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20)
            out%: a.o
            	gcc a.o -o $@
            a.o: a.c
            	gcc -c a.c
            """);
        Run(folder, "make", ["-j8", "-s"]).Succeeded();
        string[] files = [.. Enumerable.Range(1, 20).Select(number => Path.Combine(folder, "out" + number))];

        Assert.Equal(20, files.Select(_tools.WatermarkOf).Where(mark => mark is not null).Distinct().Count());
    }

    private string Sources()
    {
        string folder = shim.NewFolder();
        File.WriteAllText(Path.Combine(folder, "a.c"), _c + "\n");
        File.WriteAllText(Path.Combine(folder, "a.cc"), _c + "\n");
        File.WriteAllText(Path.Combine(folder, "a.f"), _fortran);
        return folder;
    }

    private void Link(string folder, string compiler, params string[] arguments)
    {
        string temporary = shim.NewFolder();
        CommandResult result = Run(folder, compiler, [.. arguments, "-o", "out"], ("TMPDIR", temporary)).Succeeded();
        Assert.Empty(result.Error);
        Assert.Empty(result.Text);
        Assert.Empty(Directory.GetFileSystemEntries(temporary));
    }

    private CommandResult Run(string folder, string program, string[] arguments, params (string, string)[] environment) =>
        Command.Run(program, arguments, [_tools.CompilerPath, .. environment], folder);

    private static string ReadElf(string option, string folder) =>
        Command.Run("readelf", option, Path.Combine(folder, "out")).Succeeded().Text;
}
