using Akka.Configuration;
using Akka.Event;
using Akka.Persistence;
using Akka.Persistence.Snapshot;
using Akka.Serialization;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// A snapshot store of Akka.Persistence in a directory, for one node or for several that share it. A snapshot is written to
/// a temporary file, brought to the disk and then renamed: whoever looks sees the old one or the whole new one, also after
/// a power failure. Each carries a checksum; a damaged one is set aside and the one before is used.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "An actor is disposed of in PostStop.")]
public sealed class FileSnapshotStore : SnapshotStore
{
    // Saves wait for the disk: a few at a time share its flushes, more would only be in each other's way.
    private const int MaxConcurrentSaves = 8;

    private readonly SnapshotDirectory _directory;
    private readonly SemaphoreSlim _saves = new(MaxConcurrentSaves);
    private readonly Akka.Serialization.Serialization _serialization = Context.System.Serialization;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <summary>Called by Akka.Persistence.</summary>
    /// <param name="config">The plugin's block: <c>directory</c> and <c>sync</c>.</param>
    public FileSnapshotStore(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        _directory = new SnapshotDirectory(config.GetString("directory"), config.GetBoolean("sync", true));
    }

    /// <inheritdoc/>
    protected override Task<SelectedSnapshot?> LoadAsync(
        string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken = default) =>
        Task.Run(() => Load(persistenceId, criteria), cancellationToken);

    /// <inheritdoc/>
    protected override async Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken = default)
    {
        await _saves.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Run(() => Save(metadata, snapshot), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _saves.Release();
        }
    }

    /// <inheritdoc/>
    protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken = default) =>
        Task.Run(() => _directory.Delete(metadata.PersistenceId, s => s.SequenceNr == metadata.SequenceNr), cancellationToken);

    /// <inheritdoc/>
    protected override Task DeleteAsync(
        string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken = default) =>
        Task.Run(() => _directory.Delete(persistenceId, s => Matches(s, criteria)), cancellationToken);

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _saves.Dispose();
        base.PostStop();
    }

    private SelectedSnapshot? Load(string persistenceId, SnapshotSelectionCriteria criteria)
    {
        foreach (StoredSnapshot stored in _directory.List(persistenceId).Where(s => Matches(s, criteria)))
        {
            if (SnapshotDirectory.Read(stored) is not { } content)
            {
                _log.Error("The snapshot {File} is damaged: it is set aside and the one before is used", stored.Path);
                continue;
            }
            object snapshot = _serialization.Deserialize(content.Payload, content.SerializerId, content.Manifest);
            var metadata = new SnapshotMetadata(persistenceId, stored.SequenceNr, stored.Time);
            return new SelectedSnapshot(metadata, snapshot);
        }
        return null;
    }

    private void Save(SnapshotMetadata metadata, object snapshot)
    {
        Serializer serializer = _serialization.FindSerializerFor(snapshot);
        string manifest = serializer is SerializerWithStringManifest withManifest ? withManifest.Manifest(snapshot) : "";
        _directory.Write(metadata.PersistenceId, metadata.SequenceNr, metadata.Timestamp,
            new SnapshotContent(metadata.PersistenceId, serializer.Identifier, manifest, serializer.ToBinary(snapshot)));
    }

    private static bool Matches(StoredSnapshot snapshot, SnapshotSelectionCriteria criteria) =>
        snapshot.SequenceNr <= criteria.MaxSequenceNr && snapshot.SequenceNr >= criteria.MinSequenceNr
        && snapshot.Time <= criteria.MaxTimeStamp && (criteria.MinTimestamp is not { } min || snapshot.Time >= min);
}
