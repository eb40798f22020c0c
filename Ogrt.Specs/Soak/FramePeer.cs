using System.Net;

namespace Ogrt.Specs.Soak;

/// <summary>A server that frames are sent to.</summary>
/// <param name="place">Its address and port, TCP and UDP.</param>
internal sealed class FramePeer(IPEndPoint place)
{
    private int _life;

    /// <summary>Where it is.</summary>
    public IPEndPoint Place => place;

    /// <summary>Which of its lives this is.</summary>
    public int Life => Volatile.Read(ref _life);

    /// <summary>Called before it is killed or stopped: what it closes from now on confirms nothing, as the kernel closes in order
    /// what a killed process had read.</summary>
    public void Ends() => Interlocked.Increment(ref _life);
}
