namespace Ogrt.Sinks;

/// <summary>A file was deleted or replaced while it was written: what was written can be read by nobody.</summary>
internal sealed class FileReplacedException(string path) : IOException($"{path} was taken away while it was written; what it should hold is written again");
