using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ogrt.Sinks;

/// <summary>Which file a path or an open file is, for finding out that somebody has put another one in its place.</summary>
/// <param name="Device">The device that it is on.</param>
/// <param name="Inode">Its number there, which no other file has while it is open.</param>
/// <param name="Links">Names that it has; 0 when it was deleted.</param>
internal readonly partial record struct FileState(ulong Device, ulong Inode, uint Links)
{
    // linux/stat.h and fcntl.h. struct statx has the same layout on all processors.
    private const int AtFdCwd = -100;
    private const int AtEmptyPath = 0x1000;
    private const uint StatxNlink = 0x4;
    private const uint StatxIno = 0x100;
    private const int StatxSize = 256;

    /// <summary>The file at a path; null when there is none, or it cannot be reached.</summary>
    public static FileState? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
            return File.Exists(path) ? new FileState(0, 0, 1) : null;
        Span<byte> buffer = stackalloc byte[StatxSize];
        return StatPath(AtFdCwd, path, 0, StatxNlink | StatxIno, buffer) == 0 ? Read(buffer) : null;
    }

    /// <summary>An open file.</summary>
    public static FileState? Of(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
            return new FileState(0, 0, 1);
        Span<byte> buffer = stackalloc byte[StatxSize];
        return StatFile(file, "", AtEmptyPath, StatxNlink | StatxIno, buffer) == 0 ? Read(buffer) : null;
    }

    /// <summary>Whether it is the same file, whatever its names.</summary>
    public bool IsSame(FileState? other) => other is { } file && file.Device == Device && file.Inode == Inode;

    private static FileState Read(ReadOnlySpan<byte> statx) => new(
        MemoryMarshal.Read<ulong>(statx[136..]),
        MemoryMarshal.Read<ulong>(statx[32..]),
        MemoryMarshal.Read<uint>(statx[16..]));

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatPath(int directory, string path, int flags, uint mask, Span<byte> buffer);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatFile(SafeFileHandle file, string path, int flags, uint mask, Span<byte> buffer);
}
