using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ogrt.Sinks;

/// <summary>
/// Files and directories that only their owner can read: what processes ran with which arguments is nobody else's business.
/// They have their mode from the moment they exist.
/// </summary>
internal static partial class OwnerFiles
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode DirectoryMode = FileMode | UnixFileMode.UserExecute;

    /// <summary>Makes a directory and those above it, where they are missing.</summary>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, DirectoryMode);
    }

    /// <summary>Opens a file for writing, unbuffered, and makes it where it is missing.</summary>
    public static FileStream OpenOrCreate(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = System.IO.FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = FileMode;
        return new FileStream(path, options);
    }

    /// <summary>Brings a directory's entries to the disk: a new file is there after a power failure only then.</summary>
    /// <exception cref="IOException">The directory cannot be synchronized.</exception>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        // O_RDONLY | O_CLOEXEC, which is 0x80000 on Linux and 0x1000000 on macOS.
        int descriptor = Open(path, OperatingSystem.IsLinux() ? 0x80000 : 0x1000000);
        if (descriptor < 0)
            throw Error("open of directory " + path);
        using var directory = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Sync(directory) != 0)
            throw Error("fsync of directory " + path);
    }

    // The errno is the HResult, as with .NET's own.
    private static IOException Error(string what)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{what} failed: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle descriptor);
}
