namespace Ogrt.Actors.Jobs;

/// <summary>
/// The identity of a process within a job: its host, its pid and its start in clock ticks since the host's boot, because
/// pids repeat.
/// </summary>
/// <param name="Host">XxHash3 of the host name: stable over restarts, and small however many hosts there are.</param>
/// <param name="Pid">The process id on that host.</param>
/// <param name="StartTicks">
/// Clock ticks; 0 stands for the present holder of the pid where a client sends none, and <see cref="Superseded"/> for an
/// earlier holder.
/// </param>
internal readonly record struct ProcessKey(ulong Host, int Pid, ulong StartTicks)
{
    private const ulong SupersededBit = 1UL << 63;

    /// <summary>The pid that it holds or held.</summary>
    public PidKey PidKey => new(Host, Pid);

    /// <summary>The key of a process without start ticks whose pid another process has by now.</summary>
    public static ProcessKey Superseded(ulong host, int pid, long firstTimeNs) =>
        new(host, pid, SupersededBit | ((ulong)firstTimeNs & ~SupersededBit));

    /// <summary>Mixes the three parts: pids and ticks are small and close together.</summary>
    public override int GetHashCode()
    {
        ulong mixed = (Host ^ ((ulong)(uint)Pid << 32) ^ StartTicks) * 0x9E3779B97F4A7C15UL;
        return (int)(mixed >> 32);
    }
}
