using System.ComponentModel;
using System.Diagnostics;

namespace Ogrt.Specs.Soak;

/// <summary>A file system of the run's own, in memory, that can be filled to its last byte and given room again.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const string Megabytes = "768";

    private SmallDisk(string path) => Path = path;

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Mounts one; null, with the reason, where that is not allowed.</summary>
    public static (SmallDisk? Disk, string Reason) Mount(DirectoryInfo directory)
    {
        string path = directory.CreateSubdirectory("disk").FullName;
        return Run("mount", "-t", "tmpfs", "-o", $"size={Megabytes}m,mode=0700", "tmpfs", path)
            ? (new SmallDisk(path), "")
            : (null, "a full disk needs a file system of its own, and mounting one needs root and the capability to mount");
    }

    /// <summary>Fills it.</summary>
    public void Fill()
    {
        // Most of it at once; others may be writing meanwhile, so that it may not all fit.
        long most = new DriveInfo(Path).AvailableFreeSpace * 9 / 10;
        using FileStream file = new(Ballast, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0, PreallocationSize = most });
        file.Position = most;
        foreach (int size in (ReadOnlySpan<int>)[1 << 20, 4096])
        {
            byte[] bytes = new byte[size];
            try
            {
                while (true)
                    file.Write(bytes);
            }
            catch (IOException)
            {
                // No room for so much: then for less.
            }
        }
    }

    /// <summary>Gives it room again.</summary>
    public void Clear() => File.Delete(Ballast);

    /// <summary>Unmounts it; everything on it is gone.</summary>
    public void Dispose() => Run("umount", "--lazy", Path);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
