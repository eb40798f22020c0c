namespace Ogrt.Server.Configuration;

/// <summary>Something in the configuration that the server cannot or should not run with.</summary>
/// <param name="Origin">Where it is written; null when the file itself is the problem.</param>
/// <param name="Message">What is wrong and what to do, in one sentence or two.</param>
/// <param name="IsWarning">True when the server runs with it all the same.</param>
public sealed record ConfigProblem(ConfigOrigin? Origin, string Message, bool IsWarning = false)
{
    /// <inheritdoc/>
    public override string ToString() => Origin is null ? Message : $"{Origin}: {Message}";
}
