namespace Ogrt.Specs.Soak;

/// <summary>A fault of a run.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Sink">The sink whose target has it; empty for a fault of the server.</param>
internal sealed record PlannedFault(FaultKind Kind, string Sink = "")
{
    /// <inheritdoc/>
    public override string ToString() => Sink.Length == 0 ? Kind.ToString() : $"{Kind}({Sink})";
}
