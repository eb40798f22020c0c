using System.Collections.Concurrent;

namespace Ogrt.Specs.Shim;

/// <summary>
/// Builds the preload library, each combination of options once, and small C programs for the tests, all in one
/// temporary folder.
/// </summary>
public sealed class ShimFixture : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<string>> _built = new();
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("ogrt-");

    public ShimFixture()
    {
        Command.Run("chmod", "755", _root.FullName).Succeeded(); // for tests that change the user
        Source = Path.Combine(RepositoryRoot(), "Ogrt.Shim");
    }

    /// <summary>The folder of the library's sources.</summary>
    public string Source { get; }

    /// <summary>Sends by TCP to the server that OGRT_SERVER names; no environment.</summary>
    public string Tcp => Library("--allow-server-env");

    /// <summary>Sends datagrams to the server that OGRT_SERVER names; the whole environment.</summary>
    public string Udp => Library("--allow-server-env", "--transport=udp", "--msg-send-environment=yes");

    /// <summary>Sends by TCP, and the whole environment.</summary>
    public string TcpWithEnvironment => Library("--allow-server-env", "--msg-send-environment=yes");

    /// <summary>An empty folder.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(_root.FullName, Path.GetRandomFileName())).FullName;

    /// <summary>The path of an installed library that was configured with these options.</summary>
    public string Library(params string[] options) => Once("library " + string.Join(' ', options), () => Path.Combine(Build("install-library", options), "lib", "libogrt.so"));

    /// <summary>The path of a program (or of what the flags make of it) compiled from C.</summary>
    public string Compile(string source, string compiler = "gcc", params string[] flags) =>
        Once($"{compiler} {string.Join(' ', flags)} {source}", () =>
        {
            Command.Require(compiler);
            string folder = NewFolder(), program = Path.Combine(folder, "program");
            File.WriteAllText(Path.Combine(folder, "program.c"), source);
            Command.Run(compiler, [Path.Combine(folder, "program.c"), "-o", program, .. flags], []).Succeeded();
            return program;
        });

    // Not Directory.Delete: a test makes a folder whose name is not UTF-8.
    public void Dispose() => Command.Run("rm", "-rf", _root.FullName).Succeeded();

    /// <summary>The prefix below which everything was installed, the library configured with these options.</summary>
    public string Prefix(params string[] options) => Once("prefix " + string.Join(' ', options), () => Build("install", options));

    private string Build(string target, string[] options)
    {
        string folder = NewFolder(), prefix = Path.Combine(folder, "prefix");
        Command.Run(Path.Combine(Source, "configure"), ["--prefix=" + prefix, .. options], [], folder).Succeeded();
        Command.Run("make", ["-j2", target], [], folder).Succeeded();
        return prefix;
    }

    // A build that was skipped or failed is tried again by the next test, which then says the same.
    private string Once(string key, Func<string> build)
    {
        Lazy<string> made = _built.GetOrAdd(key, _ => new Lazy<string>(build, LazyThreadSafetyMode.PublicationOnly));
        return made.Value;
    }

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Ogrt.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests do not run inside the source folder.");
    }
}

[CollectionDefinition(Name)]
public sealed class ShimCollection : ICollectionFixture<ShimFixture>
{
    public const string Name = "Preload library";
}
