namespace Ogrt.Actors.Jobs;

/// <summary>A pid on a host, whoever holds it at present.</summary>
/// <param name="Host">XxHash3 of the host name.</param>
/// <param name="Pid">The process id on that host.</param>
internal readonly record struct PidKey(ulong Host, int Pid)
{
    /// <summary>Mixes the two parts: pids are small and close together.</summary>
    public override int GetHashCode() => (int)(((Host ^ ((ulong)(uint)Pid << 32)) * 0x9E3779B97F4A7C15UL) >> 32);
}
