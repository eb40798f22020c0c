using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ogrt.Server.Hosting;

/// <summary>Who is at the other end of a Unix socket, as the kernel noted it when the connection was made: socket(7), SO_PEERCRED and SO_PEERGROUPS.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Uid">Its effective user.</param>
/// <param name="Gid">Its effective group.</param>
/// <param name="Groups">Its supplementary groups.</param>
public sealed partial record PeerCredentials(int Pid, uint Uid, uint Gid, IReadOnlyList<uint> Groups)
{
    private const int SolSocket = 1, SoPeerCred = 17, SoPeerGroups = 59;

    /// <summary>NGROUPS_MAX of Linux: no process has more.</summary>
    private const int MostGroups = 65_536;

    /// <summary>The effective user of this process.</summary>
    public static uint Self => EffectiveUser();

    /// <summary>Asks the kernel.</summary>
    /// <exception cref="SocketException">It is no Unix socket, or this kernel does not tell.</exception>
    public static PeerCredentials Of(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        return new PeerCredentials(
            MemoryMarshal.Read<int>(credentials), MemoryMarshal.Read<uint>(credentials[4..]), MemoryMarshal.Read<uint>(credentials[8..]), GroupsOf(socket));
    }

    /// <summary>Whether the group is one of the peer's.</summary>
    public bool IsIn(uint group) => Gid == group || Groups.Contains(group);

    /// <summary>For a message: the name is looked up by whoever reads it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"user {Uid}, group {Gid}, process {Pid}");

    private static uint[] GroupsOf(Socket socket)
    {
        // Most have few; the kernel says ERANGE where there is not room enough for all of them.
        for (int room = 64; room <= MostGroups; room *= 4)
        {
            byte[] groups = new byte[room * sizeof(uint)];
            try
            {
                int length = socket.GetRawSocketOption(SolSocket, SoPeerGroups, groups);
                return MemoryMarshal.Cast<byte, uint>(groups.AsSpan(0, length)).ToArray();
            }
            catch (SocketException) when (room < MostGroups)
            {
                // Not room enough, or a kernel before 4.13, which gives the same answer at each size.
            }
            catch (SocketException)
            {
                break;
            }
        }
        return [];
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
