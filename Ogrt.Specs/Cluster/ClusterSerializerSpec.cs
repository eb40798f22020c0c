using Akka.Actor;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Cluster.Formation;
using Ogrt.Specs.Cluster.Wire;

namespace Ogrt.Specs.Cluster;

public sealed class ClusterSerializerSpec(SerializingSystem serializing) : IClassFixture<SerializingSystem>
{
    private readonly ActorSystem _system = serializing.System;

    public static TheoryData<IClusterMessage> Messages { get; } = new((IClusterMessage[])
    [
        new Hello("c", Node(1), 42, true),
        new HelloReply("c", Node(2), 43, FormationStatus.Up, "10.0.0.1:7972#1", [Node(1).Address, new NodeAddress("[fd00::1]", 1)], "a:1 b:1", true, 100),
        new HelloReply("c", Node(3), 0, FormationStatus.Waiting, "", [], "", false),
        new LeaveRequest("10.0.0.1:7972"),
        LeaveStarted.Instance,
    ]);

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_message_comes_back_as_it_was(IClusterMessage message)
    {
        var serializer = Assert.IsType<ClusterSerializer>(_system.Serialization.FindSerializerFor(message));
        object back = serializer.FromBinary(serializer.ToBinary(message), serializer.Manifest(message));
        if (message is HelloReply reply)
        {
            HelloReply same = Assert.IsType<HelloReply>(back);
            Assert.Equal(reply.Members, same.Members);
            Assert.Equal(reply with { Members = [] }, same with { Members = [] }, (a, b) => (a with { Members = b.Members }) == b);
        }
        else
        {
            Assert.Equal(message, back);
        }
    }

    [Fact]
    public void No_message_of_the_protocol_is_left_out() =>
        Assert.Equal(
            typeof(IClusterMessage).Assembly.GetTypes().Where(t => t.IsAssignableTo(typeof(IClusterMessage)) && t.IsClass).Select(t => t.Name).Order(),
            Messages.Select(m => m.Data.GetType().Name).Distinct().Order());

    [Fact]
    public void A_message_that_names_no_node_is_refused()
    {
        var serializer = (ClusterSerializer)_system.Serialization.FindSerializerFor(LeaveStarted.Instance);
        Assert.Throws<ArgumentException>(() => serializer.FromBinary([], "H"));
        Assert.Throws<ArgumentException>(() => serializer.FromBinary([], "?"));
    }

    private static Incarnation Node(int number) => new(new NodeAddress($"10.0.0.{number}", 7972), number);
}
