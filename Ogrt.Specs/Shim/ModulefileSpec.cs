namespace Ogrt.Specs.Shim;

/// <summary>The modules for users, by the programs that read them.</summary>
[Collection(ShimCollection.Name)]
public sealed class ModulefileSpec(ShimFixture shim)
{
    public static TheoryData<string, string> Values
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string system in (string[])["modules", "lmod"])
                foreach (string before in (string[])["", "A", "A:B", "A B"]) // A and B are libraries
                    data.Add(system, before);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void Loading_adds_to_LD_PRELOAD_and_unloading_gives_back_what_was_there(string system, string before)
    {
        // Letter by letter: the path of one may hold the letter of the other.
        before = string.Concat(before.Select(letter => letter switch { 'A' => Empty("int a;"), 'B' => Empty("int b;"), _ => letter.ToString() }));
        string[] lines = Session(system, before, "show; module load ogrt; show; module load ogrt; show; module unload ogrt; show");
        string ours = Path.Combine(Prefix(), "lib", "libogrt.so");
        string loaded = $"{ours}{(before.Length > 0 ? ":" : "")}{before}|yes";

        string without = $"{(before.Length > 0 ? before : "unset")}|unset";
        Assert.Equal([without, loaded, loaded, without], lines);
    }

    [Theory]
    [InlineData("modules")]
    [InlineData("lmod")]
    public void A_dollar_sign_reaches_the_dynamic_linker(string system)
    {
        Command.Require("i686-linux-gnu-gcc");
        string prefix = shim.Prefix("--multilib", "--allow-server-env");
        string[] lines = Session(system, "", "module load ogrt; show; /bin/true && echo silent", prefix);

        Assert.Equal([$"{prefix}/$LIB/libogrt.so|yes", "silent"], lines);
    }

    [Theory]
    [InlineData("modules")]
    [InlineData("lmod")]
    public void It_is_listed_once_with_its_version(string system)
    {
        string version = File.ReadAllText(Path.Combine(shim.Source, "VERSION")).Trim();
        string listed = string.Join('\n', Session(system, "", "module -t avail 2>&1"));

        Assert.Equal(2, listed.Split($"ogrt/{version}").Length);
    }

    private string Prefix() => shim.Prefix("--allow-server-env");

    // Real, because the dynamic linker prints a line for a library that is not there.
    private string Empty(string source) => shim.Compile(source, "gcc", "-shared", "-fPIC", "-nostdlib");

    // What a shell prints that has the command module; show prints LD_PRELOAD and OGRT_ACTIVE.
    private string[] Session(string system, string before, string script, string? prefix = null)
    {
        prefix ??= Prefix();
        string command = system == "lmod" ? Lmod() : EnvironmentModules();
        string path = Path.Combine(prefix, "share", system == "lmod" ? "lmod" : "modulefiles");
        string set = before.Length > 0 ? $"export LD_PRELOAD='{before}'" : ":";
        CommandResult result = Command.Run(
            Command.Require("bash"),
            [
                "--norc", "-c",
                $$"""
                show() { echo "${LD_PRELOAD-unset}|${OGRT_ACTIVE-unset}"; }
                module() { local said; said=$({{command}} bash "$@"); eval "$said"; }
                export MODULEPATH={{path}}
                {{set}}
                {{script}}
                """,
            ],
            [("HOME", shim.NewFolder()), ("LMOD_PAGER", "none"), ("OGRT_SERVER", "127.0.0.1:9")]).Succeeded();
        Assert.Empty(result.Error);
        return result.Lines;
    }

    private static string EnvironmentModules()
    {
        const string Program = "/usr/lib/x86_64-linux-gnu/modulecmd.tcl";
        Assert.SkipUnless(File.Exists(Program), "environment-modules is not installed");
        return $"tclsh {Program}";
    }

    // Its package excludes that of Environment Modules, so .ci/run unpacks it below var/.
    private string Lmod()
    {
        string? found = new[] { "/", Path.Combine(Path.GetDirectoryName(shim.Source)!, "var/lmod") }
            .Select(root => Path.Combine(root, "usr/share/lmod/lmod/libexec/lmod")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, "lmod is not installed");
        return found!;
    }
}
