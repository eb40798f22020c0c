namespace Ogrt.Specs.Shim;

/// <summary>The library file itself: what the dynamic linker of any program will find in it.</summary>
[Collection(ShimCollection.Name)]
public sealed class LibrarySpec(ShimFixture shim)
{
    public static TheoryData<string> Compilers => ["gcc", "clang", "aarch64-linux-gnu-gcc"];

    [Theory]
    [MemberData(nameof(Compilers))]
    public void It_needs_no_other_library(string compiler)
    {
        string dynamic = Command.Run("readelf", "-dW", Built(compiler)).Succeeded().Text;

        Assert.Contains("libogrt.so", dynamic, StringComparison.Ordinal);
        Assert.DoesNotContain("(NEEDED)", dynamic, StringComparison.Ordinal);
        Assert.DoesNotContain("PATH)", dynamic, StringComparison.Ordinal);
        Assert.DoesNotContain("TEXTREL", dynamic, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void It_exports_no_symbol_and_wants_none(string compiler)
    {
        // The one entry of every symbol table is the null symbol.
        string symbols = Command.Run("readelf", "--dyn-syms", "-W", Built(compiler)).Succeeded().Text;

        Assert.DoesNotMatch(@"(?m)^\s+[1-9]\d*:\s.*\b(GLOBAL|WEAK)\b", symbols);
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void It_is_only_relocated_by_its_own_address(string compiler)
    {
        string[] relocations = [.. Command.Run("readelf", "-rW", Built(compiler)).Succeeded().Lines.Where(line => line.Contains("R_", StringComparison.Ordinal))];

        Assert.NotEmpty(relocations);
        Assert.All(relocations, line => Assert.Contains("_RELATIVE", line, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void It_asks_for_no_executable_stack_and_no_thread_data(string compiler)
    {
        string[] segments = Command.Run("readelf", "-lW", Built(compiler)).Succeeded().Lines;

        Assert.Contains(" RW ", Assert.Single(segments, line => line.Contains("GNU_STACK", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain(segments, line => line.TrimStart().StartsWith("TLS", StringComparison.Ordinal));
        Assert.DoesNotContain(segments, line => line.Contains("RWE", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gcc", "IBT, SHSTK")]
    [InlineData("aarch64-linux-gnu-gcc", "BTI, PAC")]
    public void It_keeps_control_flow_protection(string compiler, string property)
    {
        string notes = Command.Run("readelf", "-nW", Built(compiler)).Succeeded().Text;

        Assert.Contains(property, notes, StringComparison.Ordinal);
    }

    private string Built(string compiler)
    {
        string found = compiler == "clang" ? Command.Require(["clang", .. Enumerable.Range(11, 15).Select(version => $"clang-{version}")]) : Command.Require(compiler);
        return compiler switch
        {
            "gcc" => shim.Tcp,
            "clang" => shim.Library("--allow-server-env", "CC=" + found),
            _ => shim.Library("--allow-server-env", "--host=aarch64-linux-gnu"),
        };
    }
}
