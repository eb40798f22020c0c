using System.Diagnostics;

namespace Ogrt.Specs.Sinks;

/// <summary>A real file system of a few megabytes, to be filled and made read-only; its spec is skipped where there can be none.</summary>
internal sealed class TinyDisk : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly bool _mounted;

    public TinyDisk(string size)
    {
        Directory.CreateDirectory(Path);
        _mounted = Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", Path);
        if (_mounted)
            return;
        _directory.Dispose();
        Assert.Skip("needs to mount a file system");
    }

    public string Path => _directory.File("disk");

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using FileStream filler = System.IO.File.Create(File("filler"), 0);
        byte[] bytes = new byte[4096];
        try
        {
            while (true)
                filler.Write(bytes);
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    /// <summary>Gives it back.</summary>
    public void Free() => System.IO.File.Delete(File("filler"));

    /// <summary>Takes or gives the right to write; false while somebody writes.</summary>
    public bool TryMakeReadOnly(bool readOnly) => Run("mount", "-o", readOnly ? "remount,ro" : "remount,rw", Path);

    public void Dispose()
    {
        if (_mounted)
            Run("umount", "-l", Path);
        _directory.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
