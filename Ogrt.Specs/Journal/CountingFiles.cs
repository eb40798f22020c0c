using Microsoft.Win32.SafeHandles;
using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

/// <summary>The real disk, with a list of what is opened for reading.</summary>
internal sealed class CountingFiles : JournalFiles
{
    public List<string> OpenedForReading { get; } = [];

    public override SafeFileHandle OpenRead(string path)
    {
        lock (OpenedForReading)
            OpenedForReading.Add(path);
        return base.OpenRead(path);
    }
}
