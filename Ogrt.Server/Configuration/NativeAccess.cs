using System.Globalization;
using System.Runtime.InteropServices;

namespace Ogrt.Server.Configuration;

/// <summary>Questions to the kernel that the runtime has no call for.</summary>
internal static partial class NativeAccess
{
    private const int WriteAndSearch = 2 | 1;

    /// <summary>Whether this process may make files in a folder: access(2) knows of read-only mounts and ACLs too.</summary>
    public static bool CanWrite(string directory) => Access(directory, WriteAndSearch) == 0;

    /// <summary>Whether this process has a capability (capabilities(7)) in its effective set.</summary>
    public static bool HasCapability(int number)
    {
        const string name = "CapEff:";
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith(name, StringComparison.Ordinal)
                && ulong.TryParse(line.AsSpan(name.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong set))
                return (set & (1UL << number)) != 0;
        }
        return false;
    }

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);
}
