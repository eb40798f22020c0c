using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ogrt.Journal;

/// <summary>The journal's only way to the disk. A class of its own so that a spec can let a sync or a write fail, which no file
/// system does on request. Errors come out as <see cref="IOException"/>.</summary>
internal partial class JournalFiles
{
    public static JournalFiles Real { get; } = new();

    /// <summary>Creates a file that must not exist, optionally with disk space reserved (its length stays 0).</summary>
    public virtual SafeFileHandle Create(string path, long reserve) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.None, reserve);

    /// <summary>Opens a file for writing in place.</summary>
    public virtual SafeFileHandle OpenWrite(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Opens a file for reading; without a lock, so that it can be written and deleted meanwhile.</summary>
    public virtual SafeFileHandle OpenRead(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Writes all bytes (short writes and interruptions are gone on with) or throws.</summary>
    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long position) => RandomAccess.Write(file, bytes, position);

    /// <summary>Reads what is there, at least one byte except at the end of the file.</summary>
    public virtual int Read(SafeFileHandle file, Span<byte> buffer, long position) => RandomAccess.Read(file, buffer, position);

    /// <summary>Cuts a file.</summary>
    public virtual void SetLength(SafeFileHandle file, long length) => RandomAccess.SetLength(file, length);

    /// <summary>Brings a file's data, and the metadata needed to find it, to the disk.</summary>
    public virtual void Sync(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        while (FDataSync(file) != 0)
            ThrowUnlessInterrupted("fdatasync", Marshal.GetLastPInvokeError());
    }

    /// <summary>Brings a directory's entries to the disk: a file that was created, renamed or deleted is that only then.</summary>
    public virtual void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            return; // NTFS journals its directories, and .NET cannot open one.
        // O_RDONLY | O_CLOEXEC; O_CLOEXEC is 0x80000 on Linux and 0x1000000 on macOS.
        var descriptor = Open(path, OperatingSystem.IsLinux() ? 0x80000 : 0x1000000);
        if (descriptor < 0)
            throw Error("open of directory " + path, Marshal.GetLastPInvokeError());
        using var directory = new SafeFileHandle(descriptor, ownsHandle: true);
        while (FSync(directory) != 0)
            ThrowUnlessInterrupted("fsync of directory " + path, Marshal.GetLastPInvokeError());
    }

    /// <summary>Renames a file, replacing the target atomically.</summary>
    public virtual void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>Deletes a file; one that is not there is no error.</summary>
    public virtual void Delete(string path) => File.Delete(path);

    /// <summary>Writes a small file so that a reader, and a crash, sees either the old content or the new one.</summary>
    public void Replace(string path, ReadOnlySpan<byte> content, bool durable)
    {
        var temporary = path + ".tmp";
        Delete(temporary);
        using (SafeFileHandle file = Create(temporary, 0))
        {
            Write(file, content, 0);
            if (durable)
                Sync(file);
        }

        Rename(temporary, path);
        if (durable)
            SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private static void ThrowUnlessInterrupted(string call, int error)
    {
        const int interrupted = 4; // EINTR
        if (error != interrupted)
            throw Error(call, error);
    }

    private static IOException Error(string call, int error) => new($"{call}: {new Win32Exception(error).Message}", error);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
