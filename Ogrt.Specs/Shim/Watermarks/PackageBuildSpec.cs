using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim.Watermarks;

/// <summary>Whole packages, built with the wrapper around linkers in the way, and what is then known of what was built.</summary>
[Collection(WatermarkCollection.Name)]
public sealed class PackageBuildSpec(ShimFixture shim)
{
    private const string _googletest = "/usr/src/googletest";

    private readonly WatermarkTools _tools = new(shim);

    [Fact]
    public async Task GoogleTest_by_CMake_and_make_is_recognised_when_it_runs()
    {
        Assert.SkipUnless(Directory.Exists(_googletest), "the package googletest is not installed");
        Command.Require("cmake");
        string build = shim.NewFolder(), temporary = shim.NewFolder();
        (string, string)[] environment = [_tools.CompilerPath, ("TMPDIR", temporary), ("OGRT_STAMP_TRACE", "yes")];
        Command.Run("cmake", ["-DBUILD_SHARED_LIBS=ON", "-DBUILD_GMOCK=OFF", "-Dgtest_build_samples=ON", "-DCMAKE_CXX_FLAGS=-O0", _googletest], environment, build).Succeeded();
        CommandResult made = Command.Run("make", ["-j2", "gtest", "gtest_main", "sample1_unittest"], environment, build).Succeeded();
        string program = Directory.GetFiles(build, "sample1_unittest", SearchOption.AllDirectories).Single();
        string[] libraries = [.. Directory.GetFiles(build, "libgtest*.so", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        using FrameReceiver receiver = FrameReceiver.Tcp();
        CommandResult ran = Command.Run(program, [], Tracking.Environment(_tools.Library, receiver)).Succeeded();
        ProcessInfo sent = await receiver.ProcessAsync();

        Assert.Equal(3, made.Error.Split('\n').Count(line => line.EndsWith("has a stamp", StringComparison.Ordinal)));
        Assert.Contains("PASSED", ran.Text, StringComparison.Ordinal);
        Assert.NotNull(_tools.WatermarkOf(program));
        Assert.Equal(_tools.WatermarkOf(program), sent.Signature);
        Assert.Equal(2, libraries.Length);
        Assert.All(libraries, library =>
        {
            string? mark = _tools.WatermarkOf(library);
            Assert.NotNull(mark);
            Assert.Equal(mark, Loaded(sent, library).Signature);
        });
        Assert.Empty(Directory.GetFileSystemEntries(temporary));
    }

    [Fact]
    public void This_package_configures_and_builds_as_it_does_without_the_wrapper()
    {
        string with = shim.NewFolder(), without = shim.NewFolder();
        foreach ((string folder, (string, string)[] environment) in new[] { (with, [_tools.CompilerPath]), (without, Array.Empty<(string, string)>()) })
        {
            Command.Run(Path.Combine(shim.Source, "configure"), ["CC=gcc"], environment, folder).Succeeded();
            CommandResult made = Command.Run("make", ["-j2", "build/libogrt.so", "build/ogrt"], environment, folder).Succeeded();
            Assert.Empty(made.Error);
        }

        foreach (string file in new[] { "config.h", "config.mk" })
            Assert.Equal(File.ReadAllText(Path.Combine(without, file)), File.ReadAllText(Path.Combine(with, file)));
        foreach (string file in new[] { "build/libogrt.so", "build/ogrt" })
        {
            Assert.NotNull(_tools.WatermarkOf(Path.Combine(with, file)));
            Assert.Null(_tools.WatermarkOf(Path.Combine(without, file)));
        }
        Assert.StartsWith("ogrt ", Command.Run(Path.Combine(with, "build", "ogrt"), "--version").Succeeded().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-fuse-ld=gold")]
    [InlineData("-fuse-ld=lld")]
    [InlineData("-fuse-ld=mold")]
    public async Task The_preload_library_sends_what_each_linker_has_put_in(string linker)
    {
        string[] choice = linker.Length == 0 ? [] : [linker];
        if (linker.Length > 0)
            Command.Require("ld." + linker[9..]);
        string folder = shim.NewFolder(), library = Path.Combine(folder, "libone.so"), program = Path.Combine(folder, "program");
        File.WriteAllText(Path.Combine(folder, "one.c"), "int one(void) { return 0; }");
        File.WriteAllText(Path.Combine(folder, "main.c"), "int one(void); int main(void) { return one(); }");
        (string, string)[] environment = [_tools.CompilerPath, ("OGRT_STAMP_INFO", "yes")];
        Command.Run("gcc", ["-shared", "-fPIC", "one.c", "-o", library, .. choice], environment, folder).Succeeded();
        Command.Run("gcc", ["main.c", library, "-o", program, .. choice], environment, folder).Succeeded();
        using FrameReceiver receiver = FrameReceiver.Tcp();
        ProcessInfo sent = await Tracking.TrackAsync(_tools.Library, receiver, program, []);

        Assert.NotNull(_tools.WatermarkOf(program));
        Assert.Equal(_tools.WatermarkOf(program), sent.Signature);
        Assert.Equal(_tools.WatermarkOf(library), Loaded(sent, library).Signature);
    }

    private static SharedObject Loaded(ProcessInfo sent, string library) =>
        Assert.Single(sent.SharedObjects, item => Path.GetFileName(item.Path).StartsWith(Path.GetFileName(library), StringComparison.Ordinal));
}
