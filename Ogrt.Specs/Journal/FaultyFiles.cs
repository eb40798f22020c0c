using Microsoft.Win32.SafeHandles;
using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

/// <summary>The real disk, with every effect noted in its order and with syncs and writes that fail or wait on request.</summary>
internal sealed class FaultyFiles : JournalFiles
{
    private readonly Lock _gate = new();
    private readonly List<string> _effects = [];

    /// <summary>When it returns an exception, a sync of a file fails with it.</summary>
    public Func<Exception?>? OnSync { get; set; }

    /// <summary>When it returns an exception, half of what was to be written is written, and then it fails.</summary>
    public Func<Exception?>? OnWrite { get; set; }

    /// <summary>When it returns an exception, a new file cannot be made.</summary>
    public Func<Exception?>? OnCreate { get; set; }

    public int Syncs { get; private set; }

    public string[] Effects
    {
        get
        {
            lock (_gate)
                return [.. _effects];
        }
    }

    public override SafeFileHandle Create(string path, long reserve)
    {
        if (OnCreate?.Invoke() is { } error)
            throw error;
        Note("create " + Short(path));
        return base.Create(path, reserve);
    }

    public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long position)
    {
        if (OnWrite?.Invoke() is { } error)
        {
            base.Write(file, bytes[..(bytes.Length / 2)], position);
            throw error;
        }

        base.Write(file, bytes, position);
    }

    public override void Sync(SafeFileHandle file)
    {
        if (OnSync?.Invoke() is { } error)
            throw error;
        base.Sync(file);
        lock (_gate)
            Syncs++;
        Note("sync");
    }

    public override void SyncDirectory(string path)
    {
        base.SyncDirectory(path);
        Note("sync directory");
    }

    public override void Rename(string from, string to)
    {
        base.Rename(from, to);
        Note($"rename {Short(from)} {Short(to)}");
    }

    public override void Delete(string path)
    {
        if (File.Exists(path))
            Note("delete " + Short(path));
        base.Delete(path);
    }

    private void Note(string effect)
    {
        lock (_gate)
            _effects.Add(effect);
    }

    private static string Short(string path) => Path.GetFileName(path);
}
