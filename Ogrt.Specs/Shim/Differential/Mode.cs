namespace Ogrt.Specs.Shim.Differential;

/// <summary>A way in which a program is run.</summary>
/// <param name="Name">What a report calls it.</param>
/// <param name="World">The state of the server.</param>
/// <param name="Library">The preload library; <see langword="null"/> for none.</param>
/// <param name="Active">Whether the library is told to act.</param>
internal sealed record Mode(string Name, World World, string? Library, bool Active)
{
    /// <summary>Whether the library is told to report the end of a program as well.</summary>
    public bool ReportsEnd { get; init; }

    public override string ToString() => Name;
}
