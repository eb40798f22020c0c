using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ogrt.Actors.Jobs;

/// <summary>Brings a directory's entries to the disk. .NET opens no directories, so the C library does.</summary>
internal static partial class DirectorySync
{
    private const int Interrupted = 4;

    // O_RDONLY | O_CLOEXEC, whose value differs.
    private static readonly int OpenFlags = OperatingSystem.IsLinux() ? 0x80000 : 0x1000000;

    /// <summary>Returns when renames and creations in the directory are on the disk.</summary>
    /// <exception cref="IOException">They cannot be brought there.</exception>
    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows())
            return;
        int descriptor = Open(directory, OpenFlags);
        if (descriptor < 0)
            throw Error(directory);
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        while (FSync(handle) != 0)
            if (Marshal.GetLastPInvokeError() != Interrupted)
                throw Error(directory);
    }

    private static IOException Error(string directory) =>
        new($"The directory {directory} cannot be brought to the disk: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);
}
