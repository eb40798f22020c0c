using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;
using Ogrt.Actors.Cluster.Protocol;

namespace Ogrt.Actors.Cluster.Formation;

/// <summary>Takes the messages about the cluster itself to bytes and back. Manifests are part of the format.</summary>
public sealed class ClusterSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string HelloManifest = "H";
    private const string ReplyManifest = "R";
    private const string LeaveManifest = "L";
    private const string StartedManifest = "S";

    /// <summary>Unique in a cluster, above the range that Akka keeps for itself.</summary>
    public override int Identifier => 7972;

    /// <inheritdoc/>
    public override string Manifest(object o) => o switch
    {
        Hello => HelloManifest,
        HelloReply => ReplyManifest,
        LeaveRequest => LeaveManifest,
        LeaveStarted => StartedManifest,
        _ => throw new ArgumentException($"The cluster serializer does not know {o?.GetType()}.", nameof(o)),
    };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => obj switch
    {
        Hello m => new HelloMessage { Cluster = m.Cluster, From = Node(m.From), AskedAt = m.AskedAt, AsksVote = m.AsksVote }.ToByteArray(),
        HelloReply m => Reply(m).ToByteArray(),
        LeaveRequest m => new LeaveRequestMessage { From = m.From }.ToByteArray(),
        LeaveStarted => [],
        _ => throw new ArgumentException($"The cluster serializer does not know {obj?.GetType()}.", nameof(obj)),
    };

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        ReadOnlySpan<byte> span = bytes;
        switch (manifest)
        {
            case HelloManifest:
                HelloMessage hello = HelloMessage.Parser.ParseFrom(span);
                return new Hello(hello.Cluster, Node(hello.From), hello.AskedAt, hello.AsksVote);
            case ReplyManifest:
                HelloReplyMessage reply = HelloReplyMessage.Parser.ParseFrom(span);
                return new HelloReply(reply.Cluster, Node(reply.From), reply.AskedAt, (FormationStatus)reply.Status, reply.ClusterId,
                    [.. reply.Members.Select(m => Node(m).Address)], reply.Seeds, reply.Granted, reply.Shards);
            case LeaveManifest:
                return new LeaveRequest(LeaveRequestMessage.Parser.ParseFrom(span).From);
            case StartedManifest:
                return LeaveStarted.Instance;
            default:
                throw new ArgumentException($"The cluster serializer does not know the manifest '{manifest}'.", nameof(manifest));
        }
    }

    private static HelloReplyMessage Reply(HelloReply reply)
    {
        var message = new HelloReplyMessage
        {
            Cluster = reply.Cluster,
            From = Node(reply.From),
            AskedAt = reply.AskedAt,
            Status = (int)reply.Status,
            ClusterId = reply.ClusterId,
            Seeds = reply.Seeds,
            Granted = reply.Granted,
            Shards = reply.Shards,
        };
        message.Members.AddRange(reply.Members.Select(m => Node(new Incarnation(m, 0))));
        return message;
    }

    private static NodeMessage Node(Incarnation node) => new() { Host = node.Address.Host, Port = node.Address.Port, Uid = node.Uid };

    private static Incarnation Node(NodeMessage? node) => node is null
        ? throw new ArgumentException("A message of the cluster names no node.", nameof(node))
        : new Incarnation(new NodeAddress(node.Host, node.Port), node.Uid);
}
