using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Jobs;
using Ogrt.Actors.Jobs.Protocol;

namespace Ogrt.Specs.Jobs;

public sealed class JobSerializerSpec : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ActorSystem _system;

    public JobSerializerSpec() => _system = ActorSystem.Create("serializer",
        OgrtCluster.Config($"akka.loglevel = WARNING, akka.stdout-loglevel = WARNING, ogrt.jobs.snapshots.directory = \"{_directory["s"]}\""));

    public void Dispose()
    {
        _system.Terminate().GetAwaiter().GetResult();
        _directory.Dispose();
    }

    private static readonly object[] Examples =
    [
        new JobFrames("c/ü\n", Guid.NewGuid(), -1, 5, long.MaxValue, 3, new byte[] { 1, 2, 3 }),
        new JobFramesSaved("c/1", Guid.NewGuid(), 77),
        new JobFramesApplied("c/1", Guid.NewGuid(), 78),
        new JobFramesRefused("c/1", Guid.NewGuid(), 0),
        new SaveJob("c/1"),
        new WakeJob("c/1"),
        new GetJob("c/1"),
        new JobReply("c/1", new byte[] { 9 }),
        JobStop.Instance,
        new JobSnapshot { EntityId = "c/1", Watermarks = { new Watermark { Applied = 5, Origin = ByteString.CopyFrom(new byte[16]) } } },
    ];

    [Fact]
    public void Every_message_of_the_protocol_has_an_example_here()
    {
        IEnumerable<Type> messages = typeof(IJobMessage).Assembly.GetTypes()
            .Where(type => type.IsAssignableTo(typeof(IJobMessage)) && !type.IsInterface);
        Assert.Empty(messages.Except(Examples.Select(example => example.GetType())));
    }

    [Fact]
    public void Every_message_comes_back_as_it_was_from_the_serializer_that_is_bound_to_it()
    {
        foreach (object example in Examples)
        {
            var serializer = Assert.IsType<JobSerializer>(_system.Serialization.FindSerializerFor(example));
            object copy = _system.Serialization.Deserialize(
                serializer.ToBinary(example), serializer.Identifier, serializer.Manifest(example));
            Assert.Equal(Comparable(example), Comparable(copy));
        }
    }

    [Fact]
    public void What_has_no_serializer_is_not_serialized()
    {
        Assert.ThrowsAny<Exception>(() => _system.Serialization.FindSerializerFor(new Unknown()).ToBinary(new Unknown()));
    }

    [Fact]
    public void An_unknown_manifest_is_refused()
    {
        var serializer = (SerializerWithStringManifest)_system.Serialization.FindSerializerFor(JobStop.Instance);
        Assert.Throws<ArgumentException>(() => serializer.FromBinary([], "nobody"));
    }

    private static object Comparable(object message) => message switch
    {
        JobFrames m => (m with { Records = default }, Convert.ToHexString(m.Records.Span)),
        JobReply m => (m with { Record = default }, Convert.ToHexString(m.Record.Span)),
        _ => message,
    };

    private sealed class Unknown;
}
