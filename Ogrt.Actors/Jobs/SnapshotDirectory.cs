using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;

namespace Ogrt.Actors.Jobs;

/// <summary>Snapshot files: 256 folders by the hash of the persistence id, so that none grows large.</summary>
/// <remarks>
/// A file: "OGRTSNP1", XxHash3 of the rest (8), serializer id (4), length of the persistence id (4), of the manifest (4),
/// of the payload (4), then these three; little-endian. Names are hashes because a job id may hold anything and be long.
/// </remarks>
internal sealed class SnapshotDirectory(string root, bool sync)
{
    private const int HeaderSize = 32;
    private const int HashedFrom = 16;
    private const string DamagedExtension = ".damaged";
    private static readonly byte[] Magic = "OGRTSNP1"u8.ToArray();
    private static long _temporary;

    /// <summary>The snapshots of a persistence id, the newest first.</summary>
    public IReadOnlyList<StoredSnapshot> List(string persistenceId)
    {
        string hash = Hash(persistenceId);
        string folder = Folder(hash);
        if (!Directory.Exists(folder))
            return [];
        return [.. Directory.EnumerateFiles(folder, hash + "-*" + StoredSnapshot.Extension)
            .Select(StoredSnapshot.TryParse).OfType<StoredSnapshot>()
            .OrderByDescending(s => s.SequenceNr).ThenByDescending(s => s.Time)];
    }

    /// <summary>Writes a snapshot so that it is there as a whole or not at all.</summary>
    public void Write(string persistenceId, long sequenceNr, DateTime time, SnapshotContent content)
    {
        string hash = Hash(persistenceId);
        string folder = Folder(hash);
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            SyncDirectory(root);
        }
        string path = Path.Combine(folder, StoredSnapshot.Name(hash, sequenceNr, time));
        string temporary = $"{path}.{Environment.ProcessId}-{Interlocked.Increment(ref _temporary)}.tmp";
        byte[] header = Header(content, out byte[] id, out byte[] manifest);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var file = new FileStream(temporary, options))
            {
                RandomAccess.Write(file.SafeFileHandle, new ReadOnlyMemory<byte>[] { header, id, manifest, content.Payload }, 0);
                if (sync)
                    RandomAccess.FlushToDisk(file.SafeFileHandle);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
        SyncDirectory(folder);
    }

    /// <summary>Reads a snapshot; null, and the file renamed, when it is damaged.</summary>
    public static SnapshotContent? Read(StoredSnapshot snapshot)
    {
        if (TryRead(snapshot.Path) is { } content)
            return content;
        File.Move(snapshot.Path, snapshot.Path + DamagedExtension, overwrite: true);
        return null;
    }

    /// <summary>Deletes snapshots of a persistence id.</summary>
    public void Delete(string persistenceId, Func<StoredSnapshot, bool> which)
    {
        foreach (StoredSnapshot snapshot in List(persistenceId).Where(which))
            File.Delete(snapshot.Path);
    }

    /// <summary>
    /// The newest snapshot of each persistence id, and deletes what is too old and what a crash has left half done.
    /// </summary>
    public IEnumerable<SnapshotContent> Sweep(DateTime oldest)
    {
        if (!Directory.Exists(root))
            yield break;
        foreach (string folder in Directory.EnumerateDirectories(root))
        {
            var newest = new Dictionary<string, StoredSnapshot>();
            foreach (string path in Directory.EnumerateFiles(folder))
            {
                if (!path.EndsWith(StoredSnapshot.Extension, StringComparison.Ordinal))
                {
                    // Another node may be writing right now.
                    if (File.GetLastWriteTimeUtc(path) < DateTime.UtcNow.AddHours(-1) && !path.EndsWith(DamagedExtension, StringComparison.Ordinal))
                        File.Delete(path);
                    continue;
                }
                if (StoredSnapshot.TryParse(path) is not { } snapshot)
                    continue;
                string hash = Path.GetFileName(path)[..Path.GetFileName(path).IndexOf('-', StringComparison.Ordinal)];
                if (snapshot.Time < oldest)
                    File.Delete(path);
                else if (!newest.TryGetValue(hash, out StoredSnapshot? known) || known.SequenceNr < snapshot.SequenceNr)
                    newest[hash] = snapshot;
            }
            foreach (StoredSnapshot snapshot in newest.Values)
                if (TryRead(snapshot.Path) is { } content)
                    yield return content;
        }
    }

    private static SnapshotContent? TryRead(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        ReadOnlySpan<byte> span = bytes;
        if (span.Length < HeaderSize || !span.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt64LittleEndian(span[8..]) != XxHash3.HashToUInt64(span[HashedFrom..]))
        {
            return null;
        }
        int serializer = BinaryPrimitives.ReadInt32LittleEndian(span[16..]);
        int id = BinaryPrimitives.ReadInt32LittleEndian(span[20..]);
        int manifest = BinaryPrimitives.ReadInt32LittleEndian(span[24..]);
        int payload = BinaryPrimitives.ReadInt32LittleEndian(span[28..]);
        if (id < 0 || manifest < 0 || payload < 0 || (long)HeaderSize + id + manifest + payload != span.Length)
            return null;
        return new SnapshotContent(
            Encoding.UTF8.GetString(span.Slice(HeaderSize, id)), serializer,
            Encoding.UTF8.GetString(span.Slice(HeaderSize + id, manifest)), bytes[(HeaderSize + id + manifest)..]);
    }

    private static byte[] Header(SnapshotContent content, out byte[] id, out byte[] manifest)
    {
        id = Encoding.UTF8.GetBytes(content.PersistenceId);
        manifest = Encoding.UTF8.GetBytes(content.Manifest);
        var header = new byte[HeaderSize];
        Magic.CopyTo(header, 0);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), content.SerializerId);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), id.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(24), manifest.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(28), content.Payload.Length);
        var hash = new XxHash3();
        hash.Append(header.AsSpan(HashedFrom));
        hash.Append(id);
        hash.Append(manifest);
        hash.Append(content.Payload);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), hash.GetCurrentHashAsUInt64());
        return header;
    }

    private string Folder(string hash) => Path.Combine(root, hash[..2]);

    private static string Hash(string persistenceId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(persistenceId)).AsSpan(0, 16));

    /// <summary>Brings a rename to the disk: without it the new name may be gone after a power failure.</summary>
    private void SyncDirectory(string directory)
    {
        if (sync)
            DirectorySync.Flush(directory);
    }
}
