using Ogrt.Specs.Shim;

namespace Ogrt.Specs.Slurm;

/// <summary>The plugin as it is built and installed.</summary>
[Collection(ShimCollection.Name)]
public sealed class PluginSpec(ShimFixture shim)
{
    [Fact]
    public void It_offers_what_Slurm_looks_up_and_nothing_else()
    {
        Command.Require("nm");
        string plugin = Path.Combine(Prefix(), "lib", "slurm", "ogrt_spank.so");
        string[] symbols = [.. Command.Run("nm", "-D", "--defined-only", plugin).Succeeded().Lines.Select(line => line.Split(' ')[^1]).Order(StringComparer.Ordinal)];
        Assert.Equal(
            ["plugin_name", "plugin_type", "plugin_version", "slurm_spank_init", "slurm_spank_init_post_opt", "slurm_spank_job_epilog",
                "slurm_spank_job_prolog", "slurm_spank_task_init", "slurm_spank_user_init", "spank_plugin_version"], symbols);
    }

    [Fact]
    public void The_line_for_plugstack_conf_names_what_is_installed()
    {
        string prefix = Prefix();
        string snippet = File.ReadAllText(Path.Combine(prefix, "share", "ogrt", "plugstack.conf.d", "ogrt.conf"));
        string line = snippet.Split('\n').Single(l => l.StartsWith("optional ", StringComparison.Ordinal));
        Assert.True(File.Exists(line.Split(' ')[1]));
        Assert.Contains($" library={prefix}/lib/libogrt.so ", line, StringComparison.Ordinal);
        Assert.Contains($"{prefix}/share/ogrt/plugstack.conf.d/*.conf", snippet, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_left_out_where_it_is_not_wanted()
    {
        string prefix = shim.Prefix("--with-slurm=no");
        Assert.False(Path.Exists(Path.Combine(prefix, "lib", "slurm")));
        Assert.False(Path.Exists(Path.Combine(prefix, "share", "ogrt", "plugstack.conf.d")));
    }

    [Fact]
    public void Who_wants_it_hears_when_it_cannot_be_built()
    {
        string folder = shim.NewFolder(), empty = shim.NewFolder();
        Directory.CreateDirectory(Path.Combine(empty, "slurm"));
        File.WriteAllText(Path.Combine(empty, "slurm", "spank.h"), "#error these are not the headers\n");
        CommandResult result = Command.Run(Path.Combine(shim.Source, "configure"), ["--with-slurm=yes", "--with-slurm-include=" + empty], [], folder);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("does not find Slurm's headers (Debian: libslurm-dev)", result.Error, StringComparison.Ordinal);

        CommandResult automatic = Command.Run(Path.Combine(shim.Source, "configure"), ["--with-slurm-include=" + empty], [], folder).Succeeded();
        Assert.Contains("plugin for Slurm: no", automatic.Text, StringComparison.Ordinal);
    }

    private string Prefix()
    {
        Assert.SkipUnless(File.Exists("/usr/include/slurm/spank.h"), "slurm/spank.h is not installed (Debian: libslurm-dev)");
        return shim.Prefix("--with-slurm=yes");
    }
}
