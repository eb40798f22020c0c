using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;
using Ogrt.Actors.Jobs.Protocol;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// Takes the messages of the job protocol and the job snapshots to bytes and back. Manifests are part of the format: they
/// are in stored snapshots and in messages of servers of another version.
/// </summary>
public sealed class JobSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string FramesManifest = "F";
    private const string SavedManifest = "A";
    private const string AppliedManifest = "B";
    private const string RefusedManifest = "R";
    private const string SaveManifest = "S";
    private const string WakeManifest = "W";
    private const string GetManifest = "G";
    private const string ReplyManifest = "Y";
    private const string StopManifest = "X";
    private const string SnapshotManifest = "P1";

    /// <summary>Unique in a cluster, above the range that Akka keeps for itself.</summary>
    public override int Identifier => 7971;

    /// <inheritdoc/>
    public override string Manifest(object o) => o switch
    {
        JobFrames => FramesManifest,
        JobFramesSaved => SavedManifest,
        JobFramesApplied => AppliedManifest,
        JobFramesRefused => RefusedManifest,
        SaveJob => SaveManifest,
        WakeJob => WakeManifest,
        GetJob => GetManifest,
        JobReply => ReplyManifest,
        JobStop => StopManifest,
        JobSnapshot => SnapshotManifest,
        _ => throw new ArgumentException($"The job serializer does not know {o?.GetType()}.", nameof(o)),
    };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => obj switch
    {
        JobFrames m => new JobFramesMessage
        {
            EntityId = m.EntityId,
            Origin = ToBytes(m.Origin),
            Previous = m.Previous,
            First = m.First,
            Next = m.Next,
            Count = m.Count,
            Records = UnsafeByteOperations.UnsafeWrap(m.Records),
        }.ToByteArray(),
        JobFramesSaved m => Offset(m.EntityId, m.Origin, m.Offset),
        JobFramesApplied m => Offset(m.EntityId, m.Origin, m.Offset),
        JobFramesRefused m => Offset(m.EntityId, m.Origin, m.Offset),
        SaveJob m => Plain(m.EntityId),
        WakeJob m => Plain(m.EntityId),
        GetJob m => Plain(m.EntityId),
        JobReply m => new JobReplyMessage
        {
            EntityId = m.EntityId,
            Record = UnsafeByteOperations.UnsafeWrap(m.Record),
        }.ToByteArray(),
        JobStop => [],
        JobSnapshot m => m.ToByteArray(),
        _ => throw new ArgumentException($"The job serializer does not know {obj?.GetType()}.", nameof(obj)),
    };

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        ReadOnlySpan<byte> span = bytes;
        switch (manifest)
        {
            case FramesManifest:
                JobFramesMessage frames = JobFramesMessage.Parser.ParseFrom(span);
                return new JobFrames(frames.EntityId, ToGuid(frames.Origin), frames.Previous, frames.First, frames.Next,
                    frames.Count, frames.Records.Memory);
            case SavedManifest:
                JobOffsetMessage saved = JobOffsetMessage.Parser.ParseFrom(span);
                return new JobFramesSaved(saved.EntityId, ToGuid(saved.Origin), saved.Offset);
            case AppliedManifest:
                JobOffsetMessage applied = JobOffsetMessage.Parser.ParseFrom(span);
                return new JobFramesApplied(applied.EntityId, ToGuid(applied.Origin), applied.Offset);
            case RefusedManifest:
                JobOffsetMessage refused = JobOffsetMessage.Parser.ParseFrom(span);
                return new JobFramesRefused(refused.EntityId, ToGuid(refused.Origin), refused.Offset);
            case SaveManifest:
                return new SaveJob(JobMessage.Parser.ParseFrom(span).EntityId);
            case WakeManifest:
                return new WakeJob(JobMessage.Parser.ParseFrom(span).EntityId);
            case GetManifest:
                return new GetJob(JobMessage.Parser.ParseFrom(span).EntityId);
            case ReplyManifest:
                JobReplyMessage reply = JobReplyMessage.Parser.ParseFrom(span);
                return new JobReply(reply.EntityId, reply.Record.Memory);
            case StopManifest:
                return JobStop.Instance;
            case SnapshotManifest:
                return JobSnapshot.Parser.ParseFrom(span);
            default:
                throw new ArgumentException($"The job serializer does not know the manifest '{manifest}'.", nameof(manifest));
        }
    }

    internal static ByteString ToBytes(Guid origin) => ByteString.CopyFrom(origin.ToByteArray());

    internal static Guid ToGuid(ByteString bytes) =>
        bytes.Length == 16 ? new Guid(bytes.Span) : throw new ArgumentException("The id of a journal has 16 bytes.", nameof(bytes));

    private static byte[] Offset(string entityId, Guid origin, long offset) =>
        new JobOffsetMessage { EntityId = entityId, Origin = ToBytes(origin), Offset = offset }.ToByteArray();

    private static byte[] Plain(string entityId) => new JobMessage { EntityId = entityId }.ToByteArray();
}
