using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>One LD_PRELOAD for the programs of a node, whatever they were built for.</summary>
[Collection(ShimCollection.Name)]
public sealed class MultilibSpec(ShimFixture shim) : IDisposable
{
    private const string _nothing = "int main(void) { return 0; }";

    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public void Dispose() => _receiver.Dispose();

    [Fact]
    public async Task One_value_serves_64_bit_and_32_bit_programs_and_those_of_musl()
    {
        Foreign i386 = Foreign.I386(shim);
        Assert.SkipUnless(i386.IsNative, "this kernel runs no 32-bit programs");
        string preload = Path.Combine(Multilib(), "$LIB", "libogrt.so");
        string[] programs = [shim.Compile(_nothing, "gcc"), shim.Compile(_nothing, i386.Compiler), .. Command.Find("musl-gcc") is { } musl ? [shim.Compile(_nothing, musl)] : Array.Empty<string>()];
        foreach (string program in programs)
        {
            ProcessInfo sent = await Tracking.TrackAsync(preload, _receiver, program, []); // silently

            Assert.Equal(program, sent.Binpath);
            Assert.Contains(sent.SharedObjects, item => item.Path.EndsWith("/libogrt.so", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_64_bit_program_that_starts_a_32_bit_one_hands_the_value_on()
    {
        Foreign i386 = Foreign.I386(shim);
        Assert.SkipUnless(i386.IsNative, "this kernel runs no 32-bit programs");
        string child = shim.Compile(_nothing, i386.Compiler);
        CommandResult result = Tracking.Run(Path.Combine(Multilib(), "$LIB", "libogrt.so"), _receiver, "/bin/sh", ["-c", $"{child} && exit 7"]);

        Assert.Equal((7, ""), (result.ExitCode, result.Error));
        Assert.Equal(["/bin/sh", child], new[] { (await _receiver.ProcessAsync()).Arguments[0], (await _receiver.ProcessAsync()).Arguments[0] });
    }

    [Theory]
    [InlineData("lib64", 64)] // Red Hat, SUSE
    [InlineData("lib/x86_64-linux-gnu", 64)] // Debian
    [InlineData("lib/i386-linux-gnu", 32)]
    [InlineData("lib32", 32)] // Arch
    [InlineData("$LIB", 64)] // musl
    public void There_is_a_name_for_the_word_of_each_dynamic_linker(string word, int bits)
    {
        string header = Command.Run("readelf", "-h", Path.Combine(Multilib(), word, "libogrt.so")).Succeeded().Text;

        Assert.Contains($"ELF{bits}", header, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("64")]
    [InlineData("32")]
    public void What_is_just_lib_can_be_chosen(string bits)
    {
        string header = Command.Run("readelf", "-h", Path.Combine(Multilib("--plain-lib=" + bits), "lib", "libogrt.so")).Succeeded().Text;

        Assert.Contains($"ELF{bits}", header, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_checked_in_both_widths_and_taken_away_whole()
    {
        Command.Require("i686-linux-gnu-gcc");
        string folder = shim.NewFolder(), stage = shim.NewFolder();
        Configure(folder, "--prefix=/opt/ogrt", "--multilib").Succeeded();
        string checks = Command.Run("make", ["-j2", "check"], [], folder).Succeeded().Text;
        Command.Run("make", ["-j2", "install", "DESTDIR=" + stage], [], folder).Succeeded();
        Assert.Contains(Path.Combine(stage, "opt/ogrt/lib32/libogrt.so"), Directory.GetFiles(stage, "*", SearchOption.AllDirectories));
        Command.Run("make", ["uninstall", "DESTDIR=" + stage], [], folder).Succeeded();

        Assert.DoesNotContain("FAILED", checks, StringComparison.Ordinal);
        Assert.Equal(2, checks.Split("exports what").Length - 1);
        // Settings are the site's and stay.
        Assert.Equal([Path.Combine(stage, "opt/ogrt/etc/ogrt-shim.conf")], Directory.GetFiles(stage, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("--libdir=/opt/lib", "chooses the folders of the libraries itself")]
    [InlineData("--plain-lib=128", "--plain-lib takes 64, 32 or auto")]
    [InlineData("--cc32=false", "--multilib needs a compiler for 32 bit")]
    public void What_cannot_be_is_refused_with_its_reason(string option, string reason)
    {
        string folder = shim.NewFolder();
        CommandResult result = Configure(folder, "--multilib", option);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    // The prefix of an installation for both.
    private string Multilib(params string[] options)
    {
        Command.Require("i686-linux-gnu-gcc");
        return shim.Prefix(["--multilib", "--allow-server-env", .. options]);
    }

    private CommandResult Configure(string folder, params string[] options) =>
        Command.Run(Path.Combine(shim.Source, "configure"), options, [], folder);
}
