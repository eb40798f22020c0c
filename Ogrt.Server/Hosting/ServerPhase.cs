namespace Ogrt.Server.Hosting;

/// <summary>Where the server is in its life.</summary>
public enum ServerPhase
{
    /// <summary>Parts are being started.</summary>
    Starting,

    /// <summary>Frames are taken.</summary>
    Running,

    /// <summary>An orderly stop is under way.</summary>
    Stopping,
}
