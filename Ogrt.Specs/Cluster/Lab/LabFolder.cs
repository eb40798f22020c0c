namespace Ogrt.Specs.Cluster.Lab;

/// <summary>Where a laboratory keeps everything; gone with it. Its path is short, since Unix sockets lie below it.</summary>
internal sealed class LabFolder : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ogrt-lab-");

    public string Path => _directory.FullName;

    public void Dispose()
    {
        if (_directory.Exists)
            _directory.Delete(recursive: true);
    }
}
