namespace Ogrt.Sinks.Http;

/// <summary>What tells that a file is another one than before, without reading it.</summary>
/// <param name="Written">When it was written; the default when it is not there.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct FileStamp(DateTime Written, long Length)
{
    public static FileStamp Of(string path)
    {
        if (path.Length == 0)
            return default;
        // One stat(2), which also sees a file that was put in place by a rename.
        var file = new FileInfo(path);
        return file.Exists ? new FileStamp(file.LastWriteTimeUtc, file.Length) : default;
    }
}
