using Ogrt.Sinks;

namespace Ogrt.Specs.Sinks;

public sealed class SinkReferencesSpec
{
    [Fact]
    public void Sinks_know_the_journal_and_the_wire_and_nothing_else_of_OGRT() => Assert.Equal(
        ["Ogrt.Journal", "Ogrt.Wire"],
        typeof(SinkHost).Assembly.GetReferencedAssemblies().Select(a => a.Name!)
            .Where(n => n.StartsWith("Ogrt.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
}
