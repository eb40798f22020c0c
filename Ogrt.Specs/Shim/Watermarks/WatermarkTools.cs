using System.Text.Json;

namespace Ogrt.Specs.Shim.Watermarks;

/// <summary>The installed program <c>ogrt</c> and the wrapper around linkers.</summary>
internal sealed class WatermarkTools(ShimFixture shim)
{
    public const string Uuid = "708e1ffd-4ced-45d3-81f3-52e059ea3128";
    public const string OtherUuid = "808e1ffd-4ced-45d3-81f3-52e059ea3128";

    private readonly string _prefix = shim.Prefix("--allow-server-env");

    public string Program => Path.Combine(_prefix, "bin", "ogrt");

    public string Library => Path.Combine(_prefix, "lib", "libogrt.so");

    /// <summary>The folder of the wrappers.</summary>
    public string Wrappers => Path.Combine(_prefix, "libexec", "ogrt");

    /// <summary>What makes compilers use the wrapper.</summary>
    public (string Name, string Value) CompilerPath => ("COMPILER_PATH", Wrappers);

    public CommandResult Ogrt(params string[] arguments) => Command.Run(Program, arguments, []);

    /// <summary>What <c>ogrt inspect --json</c> says about one file.</summary>
    public JsonElement Inspect(string file)
    {
        CommandResult result = Ogrt("inspect", "--json", file);
        Assert.True(result.ExitCode is 0 or 1, result.Error);
        return Assert.Single(JsonDocument.Parse(result.Text).RootElement.EnumerateArray());
    }

    /// <summary>The watermark of a file that counts; null where it has none.</summary>
    public string? WatermarkOf(string file) => Inspect(file).GetProperty("watermark").GetString();

    /// <summary>Makes a stamp below the folder, and gives its path.</summary>
    public string Stamp(string folder, params string[] options)
    {
        string file = Path.Combine(folder, Path.GetRandomFileName() + ".o");
        Ogrt(["stamp", "-o", file, .. options]).Succeeded();
        return file;
    }
}

[CollectionDefinition(Name)]
public sealed class WatermarkCollection : ICollectionFixture<ShimFixture>
{
    public const string Name = "Watermarks";
}
