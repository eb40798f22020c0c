namespace Ogrt.Server.Hosting;

/// <summary>Another server answers at the path of the control socket.</summary>
public sealed class ControlSocketInUseException(string path) : IOException($"A server answers at {path} already")
{
    /// <summary>The path.</summary>
    public string Path { get; } = path;
}
