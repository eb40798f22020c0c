using System.Globalization;
using System.Runtime.InteropServices;

namespace Ogrt.Server.Hosting;

/// <summary>A group of the operating system, by its name or its number.</summary>
public static partial class SystemGroup
{
    private const int NotEnoughRoom = 34; // ERANGE
    private const int MostBytes = 1 << 20;

    /// <summary>The number of a group.</summary>
    /// <param name="group">A name, as the system's name services know it, or a number.</param>
    /// <returns>The number; null when there is no such group.</returns>
    public static unsafe uint? Find(string group)
    {
        if (uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)) return number;
        for (int size = 4096; size <= MostBytes; size *= 4)
        {
            byte[] texts = new byte[size];
            Entry entry = default;
            fixed (byte* buffer = texts)
            {
                int error = GetGroup(group, &entry, buffer, (nuint)size, out nint found);
                if (error == NotEnoughRoom) continue;
                return error == 0 && found != 0 ? entry.Number : null;
            }
        }
        return null;
    }

    // struct group of <grp.h>.
    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public nint Name;
        public nint Password;
        public uint Number;
        public nint Members;
    }

    // Name services may need more than a system call, so this is for a start and not for each connection.
    [LibraryImport("libc", EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int GetGroup(string name, Entry* entry, byte* buffer, nuint size, out nint found);
}
