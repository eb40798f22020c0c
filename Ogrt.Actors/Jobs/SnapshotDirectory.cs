using System.Buffers.Binary;
using System.Globalization;
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
    private const string ClaimExtension = ".claim";
    private const string AgreementFile = "cluster.agreement";
    private static readonly byte[] Magic = "OGRTSNP1"u8.ToArray();
    private const int FileExists = 17; // EEXIST
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
        string folder = MadeFolder(hash);
        string path = Path.Combine(folder, StoredSnapshot.Name(hash, sequenceNr, time));
        string temporary = $"{path}.{Environment.ProcessId}-{Interlocked.Increment(ref _temporary)}.tmp";
        byte[] header = Header(content, out byte[] id, out byte[] manifest);
        try
        {
            using (FileStream file = Create(temporary, FileMode.Create))
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

    /// <summary>Creates the claim that comes after all that there are. Whoever creates a file first has it.</summary>
    /// <returns>Its epoch, at least 1.</returns>
    public long Claim(string persistenceId)
    {
        string hash = Hash(persistenceId);
        string folder = MadeFolder(hash);
        while (true)
        {
            // A claim that somebody has deleted leaves snapshots with its epoch.
            long newest = List(persistenceId).Select(s => JobEpoch.OfSequence(s.SequenceNr)).Concat(Claims(folder, hash)).DefaultIfEmpty().Max();
            long epoch = newest + 1;
            string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{hash}-{epoch:D19}{ClaimExtension}"));
            try
            {
                using FileStream file = Create(path, FileMode.CreateNew);
                file.Write(Encoding.UTF8.GetBytes($"{Environment.MachineName} {Environment.ProcessId}\n"));
                if (sync)
                    RandomAccess.FlushToDisk(file.SafeFileHandle);
            }
            catch (IOException e) when (e.HResult == FileExists)
            {
                // Another node was faster.
                continue;
            }
            SyncDirectory(folder);
            long[] claims = [.. Claims(folder, hash)];
            // Its name was free because a later one had taken the earlier ones away.
            bool isNewest = claims.All(c => c <= epoch);
            foreach (long other in isNewest ? claims.Where(c => c < epoch) : [epoch])
                File.Delete(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{hash}-{other:D19}{ClaimExtension}")));
            if (isNewest)
                return epoch;
        }
    }

    /// <summary>The highest epoch that a job was claimed with; 0 for none.</summary>
    public long NewestClaim(string persistenceId)
    {
        string hash = Hash(persistenceId);
        string folder = Folder(hash);
        return Directory.Exists(folder) ? Claims(folder, hash).DefaultIfEmpty().Max() : 0;
    }

    /// <summary>The name of the cluster and its number of shards as they are stored; stores them where there is nothing yet.</summary>
    /// <exception cref="StoreMismatchException">What is stored cannot be read.</exception>
    public (string Cluster, int Shards) Agree(string cluster, int shards)
    {
        string path = Path.Combine(root, AgreementFile);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(root);
            string temporary = $"{path}.{Environment.ProcessId}-{Interlocked.Increment(ref _temporary)}.tmp";
            using (FileStream file = Create(temporary, FileMode.Create))
            {
                file.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"shards {shards}\ncluster {cluster}\n")));
                RandomAccess.FlushToDisk(file.SafeFileHandle);
            }
            try
            {
                // Whole or not at all, and not over what another node has written meanwhile.
                File.Move(temporary, path, overwrite: false);
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(temporary);
            }
            SyncDirectory(root);
        }
        string[] lines = File.ReadAllLines(path);
        if (lines.Length != 2 || !lines[0].StartsWith("shards ", StringComparison.Ordinal) || !lines[1].StartsWith("cluster ", StringComparison.Ordinal)
            || !int.TryParse(lines[0].AsSpan(7), NumberStyles.None, CultureInfo.InvariantCulture, out int stored))
        {
            throw new StoreMismatchException($"{path} does not say which cluster the snapshots are of. Where nobody knows, take it away while no node runs.");
        }
        return (lines[1][8..], stored);
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
            var oldClaims = new List<string>();
            foreach (string path in Directory.EnumerateFiles(folder))
            {
                if (!path.EndsWith(StoredSnapshot.Extension, StringComparison.Ordinal))
                {
                    bool isClaim = path.EndsWith(ClaimExtension, StringComparison.Ordinal);
                    // Another node may be writing right now.
                    bool isOld = File.GetLastWriteTimeUtc(path) < (isClaim ? oldest : DateTime.UtcNow.AddHours(-1));
                    if (isOld && isClaim)
                        oldClaims.Add(path);
                    else if (isOld && !path.EndsWith(DamagedExtension, StringComparison.Ordinal))
                        File.Delete(path);
                    continue;
                }
                if (StoredSnapshot.TryParse(path) is not { } snapshot)
                    continue;
                string hash = HashIn(path);
                if (snapshot.Time < oldest)
                    File.Delete(path);
                else if (!newest.TryGetValue(hash, out StoredSnapshot? known) || known.SequenceNr < snapshot.SequenceNr)
                    newest[hash] = snapshot;
            }
            // A claim stays as long as a snapshot of its job: epochs go on from it.
            foreach (string claim in oldClaims.Where(path => !newest.ContainsKey(HashIn(path))))
                File.Delete(claim);
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

    private static string HashIn(string path) => Path.GetFileName(path).Split('-')[0];

    private static IEnumerable<long> Claims(string folder, string hash) =>
        Directory.EnumerateFiles(folder, hash + "-*" + ClaimExtension)
            .Select(path => Path.GetFileNameWithoutExtension(path)[(hash.Length + 1)..])
            .Select(epoch => long.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0);

    private static FileStream Create(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private string MadeFolder(string hash)
    {
        string folder = Folder(hash);
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            SyncDirectory(root);
        }
        return folder;
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
