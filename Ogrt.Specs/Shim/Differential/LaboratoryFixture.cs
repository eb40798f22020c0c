namespace Ogrt.Specs.Shim.Differential;

/// <summary>Makes the laboratory when the first spec needs it: the libraries and the helper have to be built.</summary>
public sealed class LaboratoryFixture : IDisposable
{
    private static readonly string[] _sources = ["main.c", "world.c", "sandbox.c", "isolate.c", "look.c", "files.c"];

    private Laboratory? _laboratory;

    /// <summary>Its own, so that these specs run beside the others of the preload library.</summary>
    public ShimFixture Shim { get; } = new();

    /// <summary>Skips the spec where the sandbox cannot be made.</summary>
    internal Laboratory Get()
    {
        if (_laboratory is not null)
            return _laboratory;
        Command.RequireRoot();
        _laboratory = new Laboratory(
            Helper(),
            Shim.NewFolder(),
            Shim.Library("--server-host=127.0.0.1", "--msg-send-environment=yes"),
            Shim.Library("--server-host=127.0.0.1", "--msg-send-environment=yes", "--transport=udp"),
            Shim.Library("--server-host=127.0.0.1", "--msg-send-environment=yes", "--send-end=yes", "--report-static=yes"),
            Shim.Compile("", "gcc", "-shared", "-fPIC", "-nostdlib"));
        Outcome outcome = _laboratory.Run(new Subject("/bin/true"), _laboratory.Plain);
        Assert.SkipWhen(outcome.Failure is not null, $"there is no sandbox here: {outcome.Failure}");
        return _laboratory;
    }

    private string Helper()
    {
        string folder = Path.Combine(Path.GetDirectoryName(Shim.Source)!, "Ogrt.Specs", "Shim", "Differential", "Helper");
        return Shim.Compile("", "gcc", ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror", .. _sources.Select(source => Path.Combine(folder, source))]);
    }

    public void Dispose()
    {
        _laboratory?.Dispose();
        Shim.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class DifferentialCollection : ICollectionFixture<LaboratoryFixture>
{
    public const string Name = "Preload library, differential";
}
