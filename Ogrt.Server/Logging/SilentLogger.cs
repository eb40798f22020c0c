using Akka.Event;

namespace Ogrt.Server.Logging;

/// <summary>
/// Takes the place of Akka's logger to standard output, which writes (in a form of its own) what is logged before the first
/// logger is there and after the last one has stopped.
/// </summary>
public sealed class SilentLogger : MinimalLogger
{
    /// <inheritdoc/>
    protected override void Log(object message)
    {
    }
}
