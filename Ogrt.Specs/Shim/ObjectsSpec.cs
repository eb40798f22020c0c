using System.Diagnostics;

using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Shim;

/// <summary>Loaded objects, their build-ids and their watermarks.</summary>
[Collection(ShimCollection.Name)]
public sealed class ObjectsSpec(ShimFixture shim) : IDisposable
{
    private const string _uuid = "708e1ffd-4ced-45d3-81f3-52e059ea3128";

    // Written without a size for the UUID's text, so that the tests can put anything there.
    private const string _stamp = """
        .section .note.ogrt.info, "a", %note
        .balign 4
        .long 5, 2f - 1f, 0x4f475254
        .asciz "OGRT"
        .balign 4
        1: .byte VERSION
        .asciz "TEXT"
        2: .balign 4
        .section .note.GNU-stack, "", %progbits
        """;

    private readonly FrameReceiver _receiver = FrameReceiver.Tcp();

    public void Dispose() => _receiver.Dispose();

    [Fact]
    public async Task Loaded_objects_are_those_that_are_mapped()
    {
        using Process cat = Tracking.StartCat(shim.Tcp, _receiver);
        ProcessInfo sent = await _receiver.ProcessAsync();
        string[] mapped = [.. File.ReadLines($"/proc/{cat.Id}/maps").Where(line => line.Contains(" r-xp ", StringComparison.Ordinal) && line.Contains('/', StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..]).Where(path => path != sent.Binpath).Distinct().Order(StringComparer.Ordinal)];
        cat.StandardInput.Close();
        Command.Finish(cat);

        Assert.Equal(mapped, sent.SharedObjects.Select(item => RealPath(item.Path)).Order(StringComparer.Ordinal));
        Assert.True(mapped.Length >= 3);
    }

    [Fact]
    public async Task Build_ids_are_those_in_the_files()
    {
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, "/bin/ls", ["/"]);

        Assert.True(sent.SharedObjects.Count >= 4);
        Assert.All(sent.SharedObjects, item => Assert.Equal(BuildId(item.Path), Convert.ToHexStringLower(item.BuildId.Span)));
        Assert.Equal(BuildId(sent.Binpath), Convert.ToHexStringLower(sent.ExecutableBuildId.Span));
    }

    [Theory]
    [InlineData("-pie")]
    [InlineData("-no-pie")]
    public async Task Watermarks_of_executable_and_libraries_are_read(string kind)
    {
        string folder = shim.NewFolder();
        string library = Path.Combine(folder, "libstamped.so");
        string other = _uuid.Replace('7', '8');
        File.WriteAllText(Path.Combine(folder, "a.c"), "int answer(void) { return 0; }");
        File.WriteAllText(Path.Combine(folder, "b.c"), "int answer(void); int main(void) { return answer(); }");
        Command.Run("gcc", ["-shared", "-fPIC", "a.c", Stamp(folder, _uuid), "-o", library], [], folder).Succeeded();
        Command.Run("gcc", [kind, "b.c", Stamp(folder, other), "-L.", "-lstamped", "-Wl,-rpath," + folder, "-o", "b"], [], folder).Succeeded();
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, Path.Combine(folder, "b"), []);

        Assert.Equal(other, sent.Signature);
        Assert.Equal(_uuid, Assert.Single(sent.SharedObjects, item => item.Path == library).Signature);
        Assert.All(sent.SharedObjects.Where(item => item.Path != library), item => Assert.False(item.HasSignature));
    }

    [Fact]
    public async Task Of_several_watermarks_the_last_link_counts()
    {
        string folder = shim.NewFolder(), other = _uuid.Replace('7', '8');
        File.WriteAllText(Path.Combine(folder, "b.c"), "int main(void) { return 0; }");
        Command.Run("gcc", ["b.c", Stamp(folder, other), Stamp(folder, _uuid), "-o", "b"], [], folder).Succeeded();
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, Path.Combine(folder, "b"), []);

        Assert.Equal(_uuid, sent.Signature);
    }

    [Theory]
    [InlineData("3", _uuid)]
    [InlineData("1", "708e1ffd-4ced-45d3-81f3-52e059ea312")]
    [InlineData("1", "708e1ffd-4ced-45d3-81f3-52e059ea312g")]
    [InlineData("1", "708e1ffd04ced-45d3-81f3-52e059ea3128")]
    public async Task A_note_of_another_version_or_shape_is_no_watermark(string version, string text)
    {
        string folder = shim.NewFolder();
        File.WriteAllText(Path.Combine(folder, "b.c"), "int main(void) { return 0; }");
        Command.Run("gcc", ["b.c", Stamp(folder, text, version), "-o", "b"], [], folder).Succeeded();
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, Path.Combine(folder, "b"), []);

        Assert.False(sent.HasSignature);
        Assert.True(sent.HasExecutableBuildId);
    }

    [Fact]
    public async Task A_damaged_note_hurts_nobody()
    {
        string folder = shim.NewFolder();
        File.WriteAllText(Path.Combine(folder, "b.c"), "int main(void) { return 0; }");
        File.WriteAllText(Path.Combine(folder, "bad.s"), """
            .section .note.bad, "a", %note
            .long 0xfffffff0, 0xfffffff0, 0x4f475254
            .asciz "OGRT"
            .section .note.GNU-stack, "", %progbits
            """);
        Command.Run("gcc", ["b.c", "bad.s", "-o", "b"], [], folder).Succeeded();
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, Path.Combine(folder, "b"), []);

        Assert.False(sent.HasSignature);
    }

    [Fact]
    public async Task A_library_that_was_not_linked_at_zero_is_listed_without_being_read()
    {
        string folder = shim.NewFolder(), library = Path.Combine(folder, "libhigh.so");
        File.WriteAllText(Path.Combine(folder, "a.c"), "int answer(void) { return 0; }");
        File.WriteAllText(Path.Combine(folder, "b.c"), "int answer(void); int main(void) { return answer(); }");
        Command.Run("gcc", ["-shared", "-fPIC", "-Wl,-Ttext-segment=0x40000000", "a.c", "-o", library], [], folder).Succeeded();
        Command.Run("gcc", ["b.c", library, "-o", "b"], [], folder).Succeeded();
        ProcessInfo sent = await Tracking.TrackAsync(shim.Tcp, _receiver, Path.Combine(folder, "b"), []);

        Assert.False(Assert.Single(sent.SharedObjects, item => item.Path == library).HasSignature);
    }

    [Fact]
    public async Task A_relative_path_is_made_whole()
    {
        string folder = shim.NewFolder();
        File.WriteAllText(Path.Combine(folder, "a.c"), "int answer(void) { return 0; }");
        File.WriteAllText(Path.Combine(folder, "b.c"), "int answer(void); int main(void) { return answer(); }");
        Command.Run("gcc", ["-shared", "-fPIC", "a.c", "-o", "libnear.so"], [], folder).Succeeded();
        Command.Run("gcc", ["b.c", "-L.", "-lnear", "-o", "b"], [], folder).Succeeded();
        Command.Run(Path.Combine(folder, "b"), [], [.. Tracking.Environment(shim.Tcp, _receiver), ("LD_LIBRARY_PATH", ".")], folder).Succeeded();
        ProcessInfo sent = await _receiver.ProcessAsync();

        Assert.Contains(sent.SharedObjects, item => item.Path == folder + "/./libnear.so");
    }

    private static string RealPath(string path) => Command.Run("readlink", "-f", path).Succeeded().Text.Trim();

    private static string BuildId(string file) =>
        Assert.Single(Command.Run("readelf", "-nW", file).Succeeded().Lines, line => line.Contains("Build ID:", StringComparison.Ordinal)).Split(':')[1].Trim();

    private static string Stamp(string folder, string text, string version = "1")
    {
        string file = Path.Combine(folder, Path.GetRandomFileName() + ".s");
        File.WriteAllText(file, _stamp.Replace("VERSION", version, StringComparison.Ordinal).Replace("TEXT", text, StringComparison.Ordinal) + "\n");
        return file;
    }
}
