namespace Ogrt.Specs.Shim.Watermarks;

/// <summary>What the wrapper around linkers leaves alone.</summary>
[Collection(WatermarkCollection.Name)]
public sealed class LinkerLeftAloneSpec(ShimFixture shim)
{
    private readonly WatermarkTools _tools = new(shim);

    [Theory]
    [InlineData("-r")]
    [InlineData("-i")]
    [InlineData("--relocatable")]
    [InlineData("-Ur")]
    public void Objects_that_will_be_linked_again(string option)
    {
        string folder = WithObject();
        Ld(folder, option, "a.o", "-o", "out.o").Succeeded();

        Assert.Null(_tools.WatermarkOf(Path.Combine(folder, "out.o")));
    }

    [Theory]
    [InlineData("ld", "--version")]
    [InlineData("ld", "-v")]
    [InlineData("ld", "-V")]
    [InlineData("ld", "--help")]
    [InlineData("ld", "--print-sysroot")]
    [InlineData("ld", "--print-output-format")]
    [InlineData("ld", "--nonsense")]
    [InlineData("ld")]
    [InlineData("ld.bfd", "--version")]
    [InlineData("ld.gold", "--version")]
    [InlineData("ld.lld", "--version")]
    [InlineData("mold", "--version")]
    [InlineData("ld.mold", "--version")]
    public void Questions(string linker, params string[] arguments)
    {
        Command.Require(linker);
        CommandResult without = Command.Run("/usr/bin/" + linker, arguments), with = Command.Run(Path.Combine(_tools.Wrappers, linker), arguments);

        Assert.Equal(without.Text, with.Text);
        Assert.Equal(without.Error, with.Error);
        Assert.Equal(without.ExitCode, with.ExitCode);
    }

    [Theory]
    [InlineData("conftest")]
    [InlineData("libconftest.so")]
    [InlineData("cmTC_1a2b3")]
    [InlineData("_configtest")]
    [InlineData("build/CMakeFiles/CMakeTmp/program")]
    [InlineData("build/CMakeFiles/CMakeScratch/TryCompile-x1/program")]
    [InlineData("build/meson-private/tmp7/output.exe")]
    [InlineData(".conf_check_0/testprog")]
    public void Probes_of_configure_scripts(string output)
    {
        string folder = WithObject();
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, output))!);
        Gcc(folder, "a.o", "-o", output);
        Assert.Null(_tools.WatermarkOf(Path.Combine(folder, output)));

        Gcc(folder, "a.o", "-o", "program-" + Path.GetFileName(output));
        Assert.NotNull(_tools.WatermarkOf(Path.Combine(folder, "program-" + Path.GetFileName(output))));
    }

    [Fact]
    public void Probes_by_the_folder_that_they_are_made_in()
    {
        string folder = WithObject(), inner = Path.Combine(folder, "CMakeFiles", "CMakeScratch", "TryCompile-y");
        Directory.CreateDirectory(inner);
        Command.Run("gcc", [Path.Combine(folder, "a.o"), "-o", "program"], [_tools.CompilerPath], inner).Succeeded();

        Assert.Null(_tools.WatermarkOf(Path.Combine(inner, "program")));
    }

    [Fact]
    public void The_first_test_of_autoconf_which_names_no_output()
    {
        string folder = WithObject();
        Gcc(folder, "a.o");
        Assert.NotNull(_tools.WatermarkOf(Path.Combine(folder, "a.out")));

        File.Move(Path.Combine(folder, "a.c"), Path.Combine(folder, "conftest.c"));
        Gcc(folder, "conftest.c");
        Assert.Null(_tools.WatermarkOf(Path.Combine(folder, "a.out")));
    }

    [Fact]
    public void Kernels_and_firmware_whose_script_says_what_lies_where()
    {
        string folder = WithObject();
        File.WriteAllText(Path.Combine(folder, "kernel.lds"), "ENTRY(main) SECTIONS { . = 0x100000; .text : { *(.text*) } .data : { *(.data*) *(.bss*) } }");
        Ld(folder, "-m", "elf_x86_64", "-T", "kernel.lds", "a.o", "-o", "kernel").Succeeded();
        Ld(folder, "-m", "elf_x86_64", "-Tkernel.lds", "-shared", "a.o", "-o", "vdso.so").Succeeded();
        Ld(folder, "-N", "-Ttext", "0x7c00", "-e", "main", "a.o", "-o", "boot.elf").Succeeded();
        Ld(folder, "--oformat", "binary", "-shared", "a.o", "-o", "flat").Succeeded();

        Assert.Null(_tools.WatermarkOf(Path.Combine(folder, "kernel")));
        Assert.Null(_tools.WatermarkOf(Path.Combine(folder, "vdso.so")));
        Assert.Null(_tools.WatermarkOf(Path.Combine(folder, "boot.elf")));
        Assert.DoesNotContain("OGRT", File.ReadAllText(Path.Combine(folder, "flat")), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_made_an_object()
    {
        string folder = WithObject();
        Ld(folder, "-shared", "a.o", "-b", "binary", "a.c", "-o", "out.so").Succeeded();

        Assert.Null(_tools.WatermarkOf(Path.Combine(folder, "out.so")));
    }

    [Fact]
    public void Inputs_that_can_be_read_only_once()
    {
        string folder = WithObject();
        const string script = "echo 'V1 { global: main; };' >script; \"$0\" -shared a.o --version-script=<(cat script) -o out.so && \"$0\" -shared a.o --version-script <(cat script) -o out2.so";
        Command.Run("bash", ["-c", script, Path.Combine(_tools.Wrappers, "ld")], [], folder).Succeeded();

        foreach (string library in new[] { "out.so", "out2.so" })
        {
            Assert.Null(_tools.WatermarkOf(Path.Combine(folder, library)));
            Assert.Contains("V1", Command.Run("readelf", "-VW", Path.Combine(folder, library)).Succeeded().Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Arguments_that_can_be_read_only_once()
    {
        string folder = WithObject(), linker = Path.Combine(folder, "reader");
        File.WriteAllText(linker, "#!/bin/sh\nexec cat \"${1#@}\"\n");
        Command.Run("chmod", "755", linker).Succeeded();
        CommandResult result = Command.Run("bash", ["-c", "\"$0\" @<(echo -shared a.o)", Path.Combine(_tools.Wrappers, "ld")], [("OGRT_REAL_LD", linker)], folder);

        Assert.Equal("-shared a.o\n", result.Succeeded().Text);
    }

    [Fact]
    public void A_machine_that_no_stamps_are_made_for()
    {
        string folder = shim.NewFolder();
        File.WriteAllText(Path.Combine(folder, "a.s"), ".globl _start\n_start: nop\n");
        Command.Run("as", ["--x32", "a.s", "-o", "a.o"], [], folder).Succeeded();
        CommandResult result = Command.Run(Path.Combine(_tools.Wrappers, "ld"), ["-m", "elf32_x86_64", "-shared", "a.o", "-o", "out.so"], [("OGRT_STAMP_TRACE", "yes")], folder).Succeeded();

        Assert.Equal("ogrt: ld: no stamp for out.so: no stamps are made for this machine\n", result.Error);
    }

    private string WithObject()
    {
        string folder = shim.NewFolder();
        File.WriteAllText(Path.Combine(folder, "a.c"), "int main(void) { return 0; }");
        Command.Run("gcc", ["-c", "-fPIC", "a.c"], [], folder).Succeeded();
        return folder;
    }

    private CommandResult Ld(string folder, params string[] arguments) =>
        Command.Run(Path.Combine(_tools.Wrappers, "ld"), arguments, [], folder);

    private void Gcc(string folder, params string[] arguments) =>
        Command.Run("gcc", arguments, [_tools.CompilerPath], folder).Succeeded();
}
