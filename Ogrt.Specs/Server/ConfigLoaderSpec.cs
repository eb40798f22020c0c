using Ogrt.Server.Configuration;

namespace Ogrt.Specs.Server;

public sealed class ConfigLoaderSpec : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogrt-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private LoadedConfig Load(string? text = null, Dictionary<string, string>? variables = null, params string[] settings) =>
        ConfigLoader.Load(new ConfigSources
        {
            File = text is null ? null : Write("ogrt.hocon", text),
            Variables = variables ?? [],
            Settings = settings,
        });

    private static string Single(LoadedConfig config) => Assert.Single(config.Problems).ToString();

    [Fact]
    public void The_built_in_defaults_are_sound()
    {
        LoadedConfig config = Load();
        Assert.Empty(config.Problems);
        Assert.Equal("var/journal", config.Text("ogrt.journal.directory"));
    }

    [Fact]
    public void A_later_source_wins_and_its_place_is_kept()
    {
        const string file = "ogrt {\n  cluster = one\n  http.port = 1\n  control.timeout = 1 s\n}";
        LoadedConfig config = Load(file, new() { ["OGRT__HTTP__PORT"] = "2", ["OGRT__CONTROL__TIMEOUT"] = "2 s" }, "control.timeout=3 s");

        Assert.Empty(config.Problems);
        Assert.Equal(("one", "2", "3 s"), (config.Text("ogrt.cluster"), config.Text("ogrt.http.port"), config.Text("ogrt.control.timeout")));
        Assert.Equal(new ConfigOrigin(ConfigOriginKind.File, config.File!, 2), config.Origin("ogrt.cluster"));
        Assert.Equal("variable OGRT__HTTP__PORT", config.Origin("ogrt.http.port")!.ToString());
        Assert.Equal("--set ogrt.control.timeout", config.Origin("ogrt.control.timeout")!.ToString());
        Assert.StartsWith("default, Ogrt.Journal/reference.conf:", config.Origin("ogrt.journal.max-size")!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_substitution_follows_a_value_that_is_overridden_later()
    {
        LoadedConfig config = Load(null, new() { ["OGRT__DATA_DIRECTORY"] = "/srv/ogrt" });
        Assert.Equal("/srv/ogrt/journal", config.Text("ogrt.journal.directory"));
        Assert.Equal("/srv/ogrt/ogrt.sock", config.Text("ogrt.control.path"));
    }

    [Fact]
    public void An_unknown_key_is_named_with_its_place_and_what_was_meant()
    {
        LoadedConfig config = Load("ogrt {\n  journal {\n    max-sise = 1 GiB\n  }\n}");
        Assert.False(config.IsUsable);
        Assert.Equal($"{config.File}:3: There is no key 'ogrt.journal.max-sise'. Did you mean 'ogrt.journal.max-size'?", Single(config));
    }

    [Fact]
    public void A_value_for_a_group_of_keys_is_a_problem() =>
        Assert.Contains("It is a group of keys, such as ogrt.journal.", Single(Load("ogrt.journal = on")), StringComparison.Ordinal);

    [Theory]
    [InlineData("ogrt.http.port = many", "a whole number")]
    [InlineData("ogrt.http.enabled = maybe", "on or off")]
    [InlineData("ogrt.control.timeout = 5", "a duration with its unit")]
    [InlineData("ogrt.journal.max-size = 4 apples", "a number of bytes")]
    [InlineData("ogrt.journal.max-size = 1.5 GiB", "a number of bytes")]
    [InlineData("ogrt.cluster = [a]", "a text")]
    public void A_value_of_a_wrong_type_is_named(string text, string expected)
    {
        string problem = Single(Load(text));
        Assert.Contains("ogrt.hocon:1: ", problem, StringComparison.Ordinal);
        Assert.Contains("but must be " + expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_that_no_key_has_is_a_problem() => Assert.Equal(
        "variable OGRT__JOURNAL__MAXSIZE: No key has this variable. Did you mean 'OGRT__JOURNAL__MAX_SIZE'?",
        Single(Load(null, new() { ["OGRT__JOURNAL__MAXSIZE"] = "1 GiB" })));

    [Fact]
    public void Variables_without_the_prefix_are_not_looked_at() =>
        Assert.Empty(Load(null, new() { ["OGRT_ACTIVE"] = "yes", ["HOME"] = "/root" }).Problems);

    [Fact]
    public void Every_key_has_a_variable_of_its_own()
    {
        string[] names = Load().Entries.Select(e => OverrideNames.Variable(e.Path)).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Contains("OGRT__INGEST__LISTENERS__UDP__RECEIVE_BUFFER", names);
    }

    [Fact]
    public void A_listener_with_a_name_of_its_own_has_the_defaults_of_its_transport()
    {
        LoadedConfig config = Load("""
            ogrt.ingest.listeners.old { layout = "0.3", transport = tcp, port = 7972 }
            ogrt.ingest.listener-defaults.tcp.backlog = 9
            """);
        Assert.Empty(config.Problems);
        Assert.Equal("7972", config.Text("ogrt.ingest.listeners.old.port"));
        Assert.Equal("9", config.Text("ogrt.ingest.listeners.old.backlog"));
        Assert.Equal("9", config.Text("ogrt.ingest.listeners.tcp.backlog"));
        Assert.Equal(2, config.Origin("ogrt.ingest.listeners.old.backlog")!.Line);
    }

    [Fact]
    public void Options_make_a_listener_of_their_own_in_whatever_order_they_come()
    {
        LoadedConfig config = Load(null, null, "ingest.listeners.old.port=7972", "ingest.listeners.old.transport=tcp", "ingest.listeners.old.layout=0.3");
        Assert.Empty(config.Problems);
        Assert.Equal(("7972", "0.3", "4096"), (config.Text("ogrt.ingest.listeners.old.port"),
            config.Text("ogrt.ingest.listeners.old.layout"), config.Text("ogrt.ingest.listeners.old.backlog")));
        Assert.Contains("'carrier-pigeon' is not a transport of a listener", Single(Load(null, null, "ingest.listeners.old.transport=carrier-pigeon")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_another_transport_is_a_problem() => Assert.Contains(
        "A listener of transport udp has no key 'backlog'",
        Single(Load("ogrt.ingest.listeners.udp.backlog = 5")), StringComparison.Ordinal);

    [Fact]
    public void A_listener_without_a_transport_is_told_which_there_are() => Assert.Contains(
        "add ogrt.ingest.listeners.old.transport, one of tcp, udp",
        Single(Load("ogrt.ingest.listeners.old.port = 5")), StringComparison.Ordinal);

    [Fact]
    public void A_reference_to_an_unknown_key_or_to_itself_is_a_problem()
    {
        Assert.Contains("refers to a key that does not exist", Single(Load("ogrt.cluster = ${ogrt.clutter}")), StringComparison.Ordinal);
        Assert.Contains("refers back", Single(Load("ogrt.cluster = ${ogrt.cluster}x")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_included_file_is_read_relative_to_its_includer_and_keeps_its_places()
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "conf.d"));
        Write("conf.d/ports.hocon", "\nogrt.http.port = 1234");
        LoadedConfig config = Load("include required(\"conf.d/ports.hocon\")\nogrt.cluster = x");
        Assert.Empty(config.Problems);
        Assert.EndsWith("conf.d/ports.hocon:2", config.Origin("ogrt.http.port")!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_includes_itself_is_a_problem()
    {
        Write("b.hocon", "include \"ogrt.hocon\"");
        Assert.Contains("is included by itself", Single(Load("include \"b.hocon\"")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_include_and_a_missing_file_are_problems()
    {
        Assert.Contains(":2: The included file", Single(Load("\ninclude \"none.hocon\"")), StringComparison.Ordinal);
        LoadedConfig config = ConfigLoader.Load(new ConfigSources { File = "/no/such/file" });
        Assert.Equal("The configuration file /no/such/file cannot be read: it does not exist.", Single(config));
    }

    [Fact]
    public void Settings_of_Akka_pass_through() =>
        Assert.Equal("DEBUG", Load("akka.loglevel = DEBUG").Values.GetString("akka.loglevel"));

    [Fact]
    public void A_quoted_key_may_have_dots() => Assert.Equal(
        "x", Load("akka.actor.serialization-bindings { \"A.B, C\" = x }").Values.GetString("akka.actor.serialization-bindings.\"A.B, C\""));
}
