using System.Text;
using System.Text.Json;

namespace Ogrt.Specs.Shim.Watermarks;

/// <summary><c>ogrt inspect</c>: reading watermarks from files, whoever made them.</summary>
[Collection(WatermarkCollection.Name)]
public sealed class InspectSpec(ShimFixture shim)
{
    private const string _main = "int main(void) { return 0; }";

    private readonly WatermarkTools _tools = new(shim);

    // The object that the first OGRT links in: without .note.GNU-stack.
    private const string _oldStamp = """
        .section .note.ogrt.info, "a", %note
        .byte 5,0,0,0, 38,0,0,0, 0x54,0x52,0x47,0x4f
        .ascii "OGRT\0\0\0\0"
        .byte 1
        .ascii "708e1ffd-4ced-45d3-81f3-52e059ea3128\0"
        .byte 0,0

        """;

    [Theory]
    [InlineData("executable", "-pie")]
    [InlineData("executable", "-no-pie")]
    [InlineData("executable", "-static")]
    [InlineData("shared", "-shared", "-fPIC")]
    public void The_watermark_of_what_was_linked_is_found(string type, params string[] flags)
    {
        string folder = shim.NewFolder(), file = Link(folder, flags, _tools.Stamp(folder, "--uuid", WatermarkTools.Uuid));
        JsonElement found = _tools.Inspect(file);
        JsonElement mark = Assert.Single(found.GetProperty("watermarks").EnumerateArray());

        Assert.Equal(WatermarkTools.Uuid, found.GetProperty("watermark").GetString());
        Assert.True(mark.GetProperty("loaded").GetBoolean());
        Assert.Equal(type, found.GetProperty("type").GetString());
        Assert.Equal(Environment.Is64BitProcess ? 64 : 32, found.GetProperty("bits").GetInt32());
        Assert.False(found.GetProperty("damaged").GetBoolean());
    }

    [Fact]
    public void It_shows_the_build_id_that_readelf_shows()
    {
        string expected = Assert.Single(Command.Run("readelf", "-nW", "/bin/ls").Succeeded().Lines, line => line.Contains("Build ID:", StringComparison.Ordinal)).Split(':')[1].Trim();

        Assert.Equal(expected, _tools.Inspect("/bin/ls").GetProperty("build_id").GetString());
        Assert.Contains("build-id    " + expected, _tools.Ogrt("inspect", "/bin/ls").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stamp_of_the_first_OGRT_is_read()
    {
        string folder = shim.NewFolder();
        File.WriteAllText(Path.Combine(folder, "old.s"), _oldStamp);

        Assert.Equal(WatermarkTools.Uuid, _tools.WatermarkOf(Link(folder, [], Path.Combine(folder, "old.s"))));
    }

    [Fact]
    public void Of_several_watermarks_all_are_shown_and_the_last_counts()
    {
        string folder = shim.NewFolder();
        string file = Link(folder, [], _tools.Stamp(folder, "--uuid", WatermarkTools.Uuid, "-i"), _tools.Stamp(folder, "--uuid", WatermarkTools.OtherUuid));
        JsonElement found = _tools.Inspect(file);
        string text = _tools.Ogrt("inspect", file).Succeeded().Text;

        Assert.Equal(WatermarkTools.OtherUuid, found.GetProperty("watermark").GetString());
        Assert.Equal([WatermarkTools.Uuid, WatermarkTools.OtherUuid], found.GetProperty("watermarks").EnumerateArray().Select(mark => mark.GetProperty("uuid").GetString()));
        Assert.Contains(WatermarkTools.Uuid + " (of an earlier link)", text, StringComparison.Ordinal);
        Assert.Contains(WatermarkTools.OtherUuid + "\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("strip")]
    [InlineData("strip", "--strip-unneeded")]
    [InlineData("objcopy", "--strip-all")]
    public void Stripping_leaves_the_watermark(string program, params string[] options)
    {
        string folder = shim.NewFolder(), file = Link(folder, [], _tools.Stamp(folder));
        string? before = _tools.WatermarkOf(file);
        Command.Run(program, [.. options, file], []).Succeeded();

        Assert.NotNull(before);
        Assert.Equal(before, _tools.WatermarkOf(file));
    }

    [Fact]
    public void A_file_without_section_headers_is_read_by_its_segments()
    {
        string folder = shim.NewFolder(), file = Link(folder, [], _tools.Stamp(folder, "--uuid", WatermarkTools.Uuid));
        byte[] bytes = File.ReadAllBytes(file);
        bytes.AsSpan(40, 8).Clear(); // e_shoff
        bytes.AsSpan(60, 4).Clear(); // e_shnum and e_shstrndx
        File.WriteAllBytes(file, bytes);

        Assert.Equal(WatermarkTools.Uuid, _tools.WatermarkOf(file));
    }

    [Theory]
    [InlineData("elf32-little", false, 32)]
    [InlineData("elf64-little", false, 64)]
    [InlineData("elf32-big", true, 32)]
    [InlineData("elf64-big", true, 64)]
    public void Both_byte_orders_and_both_classes_are_read(string format, bool bigEndian, int bits)
    {
        string folder = shim.NewFolder();
        byte[] Word(byte a, byte b, byte c, byte d) => bigEndian ? [d, c, b, a] : [a, b, c, d];
        File.WriteAllBytes(Path.Combine(folder, "note.bin"),
            [.. Word(5, 0, 0, 0), .. Word(38, 0, 0, 0), .. Word(0x54, 0x52, 0x47, 0x4f), .. "OGRT\0\0\0\0"u8, 1, .. Encoding.ASCII.GetBytes(WatermarkTools.Uuid), 0, 0, 0]);
        Command.Run("objcopy", ["-I", "binary", "-O", format, "--rename-section", ".data=.note.ogrt.info,alloc,readonly,data,contents", "note.bin", "note.o"], [], folder).Succeeded();
        JsonElement found = _tools.Inspect(Path.Combine(folder, "note.o"));

        Assert.Equal(WatermarkTools.Uuid, found.GetProperty("watermark").GetString());
        Assert.Equal(bits, found.GetProperty("bits").GetInt32());
    }

    [Fact]
    public void The_exit_code_says_whether_every_file_has_one()
    {
        string folder = shim.NewFolder(), stamp = _tools.Stamp(folder);
        string archive = Path.Combine(folder, "lib.a");
        Command.Run("ar", ["rc", archive, stamp], [], folder).Succeeded();

        Assert.Equal(0, _tools.Ogrt("inspect", stamp, stamp).ExitCode);
        Assert.Equal(1, _tools.Ogrt("inspect", stamp, "/bin/ls").ExitCode);
        Assert.Equal(2, _tools.Ogrt("inspect", "/bin/ls", "/etc/passwd", stamp).ExitCode);
        Assert.Equal(2, _tools.Ogrt("inspect").ExitCode);
        AssertRefused("not an ELF file", "/etc/passwd");
        AssertRefused("No such file or directory", "/no/such/file");
        AssertRefused("Is a directory", "/etc");
        AssertRefused("not a regular file", "/dev/zero");
        AssertRefused("take it apart with 'ar x'", archive);
        Assert.Empty(_tools.Ogrt("inspect", "--quiet", stamp, "/bin/ls").Text);
    }

    [Fact]
    public void A_named_pipe_does_not_keep_it_waiting()
    {
        string pipe = Path.Combine(shim.NewFolder(), "pipe");
        Command.Run("mkfifo", pipe).Succeeded();
        AssertRefused("not a regular file", pipe);
    }

    [Fact]
    public void What_others_wrote_is_quoted_when_it_is_printed()
    {
        string folder = shim.NewFolder(), stamp = Path.Combine(folder, "s.o");
        byte[] hostile = [.. "\e[2J\n\u202e\\"u8, 0xff, .. "ä\""u8];
        // env takes bytes that .NET would change.
        Command.Run("sh", ["-c", "LOADEDMODULES=$(cat modules) exec \"$0\" stamp -i -o s.o", _tools.Program], [], Prepared(folder, hostile)).Succeeded();

        Assert.Contains(@"modules   \x1b[2J\n\u{202e}\\\xffä""", _tools.Ogrt("inspect", stamp).Text, StringComparison.Ordinal);
        string json = _tools.Ogrt("inspect", "--json", stamp).Text;
        Assert.All(json, character => Assert.InRange(character, '\n', '~'));
        Assert.Equal("\e[2J\n\u202e\\\ufffdä\"", Assert.Single(_tools.Inspect(stamp).GetProperty("watermarks").EnumerateArray()).GetProperty("modules").GetString());
    }

    [Fact]
    public void Damaged_files_neither_crash_it_nor_keep_it_busy()
    {
        string folder = shim.NewFolder(), file = Link(folder, [], _tools.Stamp(folder, "-i"));
        byte[] good = File.ReadAllBytes(file);
        string[] damaged = [.. Enumerable.Range(0, 400).Select(number =>
        {
            var random = new Random(number);
            byte[] bytes = [.. good];
            // The header, the tables, the notes: most of what is read lies at the beginning or the end.
            for (int i = 0; i <= number % 8; i++)
            {
                int at = random.Next(3) switch { 0 => random.Next(16, 64), 1 => random.Next(64, 1200), _ => bytes.Length - 1 - random.Next(2500) };
                bytes[at] = (byte)random.Next(256);
            }
            string path = Path.Combine(folder, $"damaged-{number}");
            File.WriteAllBytes(path, number % 3 == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
            return path;
        })];
        CommandResult result = _tools.Ogrt(["inspect", "--json", .. damaged]);

        Assert.InRange(result.ExitCode, 0, 2);
        Assert.Equal(damaged, JsonDocument.Parse(result.Text).RootElement.EnumerateArray().Select(element => element.GetProperty("file").GetString()));
    }

    [Fact]
    public void A_write_that_fails_is_no_success()
    {
        CommandResult result = Command.Run("sh", ["-c", "exec \"$0\" inspect /bin/ls >/dev/full", _tools.Program], []);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("cannot write to standard output: No space left on device", result.Error, StringComparison.Ordinal);
    }

    private static string Prepared(string folder, byte[] modules)
    {
        File.WriteAllBytes(Path.Combine(folder, "modules"), modules);
        return folder;
    }

    private void AssertRefused(string reason, string file)
    {
        CommandResult result = _tools.Ogrt("inspect", file);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
    }

    private static string Link(string folder, string[] flags, params string[] stamps)
    {
        string file = Path.Combine(folder, "linked");
        File.WriteAllText(Path.Combine(folder, "a.c"), _main);
        Command.Run("gcc", ["a.c", .. stamps, .. flags, "-o", file], [], folder).Succeeded();
        return file;
    }
}
