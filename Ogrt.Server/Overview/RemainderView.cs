namespace Ogrt.Server.Overview;

/// <summary>A sum that should be 0.</summary>
/// <param name="Where">Whose counts.</param>
/// <param name="Remainder">What is left over.</param>
/// <param name="Equation">The sum in words.</param>
public sealed record RemainderView(string Where, long Remainder, string Equation);
