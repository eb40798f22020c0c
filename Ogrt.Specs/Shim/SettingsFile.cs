using System.Text;

namespace Ogrt.Specs.Shim;

/// <summary>
/// A preload library that no other spec uses, because of its settings file, and that file. At the end the file is gone.
/// </summary>
internal sealed class SettingsFile : IDisposable
{
    /// <summary>The largest that is read, in bytes.</summary>
    public const int Limit = 16384;

    public SettingsFile(ShimFixture shim, params string[] options)
    {
        Library = shim.Library(["--settings-owner=0", .. options]);
        Folder = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(Library))!, "etc");
        Path = System.IO.Path.Combine(Folder, "ogrt-shim.conf");
        Directory.CreateDirectory(Folder);
        Remove();
    }

    public string Library { get; }

    public string Folder { get; }

    public string Path { get; }

    public void Write(params string[] lines) => Write(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));

    public void Write(byte[] bytes)
    {
        Remove();
        File.WriteAllBytes(Path, bytes);
        Command.Run("chmod", "644", Path).Succeeded();
    }

    /// <summary>Whatever lies there.</summary>
    public void Remove() => Command.Run("rm", "-rf", Path).Succeeded();

    public void Dispose() => Remove();
}
