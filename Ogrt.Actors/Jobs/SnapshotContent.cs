namespace Ogrt.Actors.Jobs;

/// <summary>What a snapshot file holds.</summary>
/// <param name="PersistenceId">Whose snapshot it is.</param>
/// <param name="SerializerId">The serializer that wrote the payload.</param>
/// <param name="Manifest">What the serializer needs to read it.</param>
/// <param name="Payload">The snapshot.</param>
internal sealed record SnapshotContent(string PersistenceId, int SerializerId, string Manifest, byte[] Payload);
