using System.Buffers;
using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;
using K4os.Compression.LZ4;
using Ogrt.Actors.Jobs.Protocol;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// Takes the messages of the job protocol and the job snapshots to bytes and back. Manifests are part of the format: they
/// are in stored snapshots and in messages of servers of another version.
/// </summary>
public sealed class JobSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string FramesManifest = "F";
    private const string PackedFramesManifest = "FL";
    private const string SavedManifest = "A";
    private const string AppliedManifest = "B";
    private const string RefusedManifest = "R";
    private const string SaveManifest = "S";
    private const string WakeManifest = "W";
    private const string GetManifest = "G";
    private const string ReplyManifest = "Y";
    private const string StopManifest = "X";
    private const string SnapshotManifest = "P1";

    // Frames of a job resemble each other: the same libraries, modules and variables. Packing them costs less than
    // the dozen arrays that their bytes are copied into on the way (docs/decisions/0014-frames-are-packed-between-nodes.md).
    private const int LeastToPack = 1024;

    // Far above a batch, and above the largest frame alone.
    private const int LongestRecords = 16 << 20;

    /// <summary>Unique in a cluster, above the range that Akka keeps for itself.</summary>
    public override int Identifier => 7971;

    /// <inheritdoc/>
    public override string Manifest(object o) => o switch
    {
        JobFrames m => IsPacked(m) ? PackedFramesManifest : FramesManifest,
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
        JobFrames m => m.Serialized ?? ToNode(m),
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
                return FramesOf(JobFramesMessage.Parser.ParseFrom(span), null);
            case PackedFramesManifest:
                return Unpack(JobFramesMessage.Parser.ParseFrom(span));
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

    private static bool IsPacked(JobFrames frames) => frames.Records.Length >= LeastToPack;

    /// <summary>Frames that go to another node are read for the last time here.</summary>
    private static byte[] ToNode(JobFrames frames)
    {
        byte[] bytes = FramesToBinary(frames);
        frames.Serialized = bytes;
        frames.Lease?.Release();
        return bytes;
    }

    private static byte[] FramesToBinary(JobFrames frames)
    {
        var message = new JobFramesMessage
        {
            EntityId = frames.EntityId,
            Origin = ToBytes(frames.Origin),
            Previous = frames.Previous,
            First = frames.First,
            Next = frames.Next,
            Count = frames.Count,
            Records = UnsafeByteOperations.UnsafeWrap(frames.Records),
        };
        if (!IsPacked(frames))
            return message.ToByteArray();
        byte[] packed = ArrayPool<byte>.Shared.Rent(LZ4Codec.MaximumOutputSize(frames.Records.Length));
        try
        {
            int length = LZ4Codec.Encode(frames.Records.Span, packed);
            message.Records = UnsafeByteOperations.UnsafeWrap(packed.AsMemory(0, length));
            message.RecordsLength = frames.Records.Length;
            return message.ToByteArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    private static JobFrames Unpack(JobFramesMessage message)
    {
        if (message.RecordsLength is < 0 or > LongestRecords)
            throw new ArgumentException($"Frames cannot have {message.RecordsLength} bytes.", nameof(message));
        byte[] buffer = FrameLease.Rent(message.RecordsLength);
        if (LZ4Codec.Decode(message.Records.Span, buffer.AsSpan(0, message.RecordsLength)) == message.RecordsLength)
            return FramesOf(message, buffer);
        FrameLease.Return(buffer);
        throw new ArgumentException("Frames cannot be unpacked: their bytes are damaged.", nameof(message));
    }

    private static JobFrames FramesOf(JobFramesMessage message, byte[]? unpacked) =>
        new(message.EntityId, ToGuid(message.Origin), message.Previous, message.First, message.Next, message.Count,
            unpacked is null ? message.Records.Memory : unpacked.AsMemory(0, message.RecordsLength))
        {
            Lease = unpacked is null ? null : new FrameLease(unpacked),
        };

    private static byte[] Offset(string entityId, Guid origin, long offset) =>
        new JobOffsetMessage { EntityId = entityId, Origin = ToBytes(origin), Offset = offset }.ToByteArray();

    private static byte[] Plain(string entityId) => new JobMessage { EntityId = entityId }.ToByteArray();
}
