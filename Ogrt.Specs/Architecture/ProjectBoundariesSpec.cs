using System.Reflection;

namespace Ogrt.Specs.Architecture;

/// <summary>Which project may know which, as docs/architecture.md draws it. The compiler writes a reference into an assembly
/// only where a type of it is used, so the lists below are what the code does, not what the project files allow.</summary>
public sealed class ProjectBoundariesSpec
{
    [Theory]
    [InlineData("Ogrt.Wire", "Google.Protobuf")]
    [InlineData("Ogrt.Journal", "")]
    [InlineData("Ogrt.Actors", "Ogrt.Wire,Ogrt.Journal,Akka,Google.Protobuf,DnsClient,K4os,Npgsql")]
    [InlineData("Ogrt.Sinks", "Ogrt.Wire,Ogrt.Journal,Akka,Google.Protobuf,Microsoft.Data.Sqlite,SQLitePCLRaw")]
    public void A_project_uses_only_what_the_architecture_grants_it(string project, string granted)
    {
        string[] allowed = [.. granted.Split(',', StringSplitOptions.RemoveEmptyEntries), "System", "Microsoft.Win32.Primitives", "netstandard"];

        IEnumerable<string> strangers = Assembly.Load(project).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !Array.Exists(allowed, a => name == a || name.StartsWith(a + ".", StringComparison.Ordinal)));

        Assert.Empty(strangers);
    }

    [Fact]
    public void Actors_and_sinks_do_not_know_each_other()
    {
        Assert.DoesNotContain("Ogrt.Sinks", References("Ogrt.Actors"));
        Assert.DoesNotContain("Ogrt.Actors", References("Ogrt.Sinks"));
    }

    [Fact]
    public void Only_the_server_puts_the_parts_together() =>
        Assert.Superset(new HashSet<string>(["Ogrt.Wire", "Ogrt.Journal", "Ogrt.Actors", "Ogrt.Sinks"]), References("ogrt-server"));

    private static HashSet<string> References(string assembly) =>
        [.. Assembly.Load(assembly).GetReferencedAssemblies().Select(reference => reference.Name!)];
}
