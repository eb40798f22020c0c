using Akka.Actor;
using Google.Protobuf;
using Ogrt.Actors.Jobs;
using Ogrt.Actors.Jobs.Protocol;
using Ogrt.Specs.Cluster.Wire;

namespace Ogrt.Specs.Jobs;

public sealed class JobSerializerSpec(SerializingSystem serializing) : IClassFixture<SerializingSystem>
{
    private readonly ActorSystem _system = serializing.System;

    private static readonly object[] Examples =
    [
        new JobFrames("c/ü\n", Guid.NewGuid(), -1, 5, long.MaxValue, 3, new byte[] { 1, 2, 3 }),
        new JobFrames("c/1", Guid.NewGuid(), 5, 10, 1 << 20, 99, Similar()),
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
    public void Frames_that_resemble_each_other_are_packed_and_their_buffer_is_given_back()
    {
        byte[] records = Similar(), buffer = FrameLease.Rent(records.Length);
        records.CopyTo(buffer, 0);
        var frames = new JobFrames("c/1", Guid.NewGuid(), 5, 10, 1 << 20, 99, buffer.AsMemory(0, records.Length)) { Lease = new FrameLease(buffer) };
        byte[] bytes = Serializer.ToBinary(frames);
        Assert.True(frames.Lease.IsReleased);
        buffer.AsSpan().Clear();
        // A connection that takes no more for the moment has them made bytes of again.
        Assert.Same(bytes, Serializer.ToBinary(frames));
        Assert.InRange(bytes.Length, 1, records.Length / 10);

        var copy = Assert.IsType<JobFrames>(Serializer.FromBinary(bytes, Serializer.Manifest(frames)));
        Assert.Equal(records, copy.Records.ToArray());
        copy.Lease!.Release();
    }

    [Fact]
    public void Packed_frames_that_are_damaged_are_refused()
    {
        var frames = new JobFrames("c/1", Guid.NewGuid(), 5, 10, 1 << 20, 99, Similar());
        JobFramesMessage message = JobFramesMessage.Parser.ParseFrom(Serializer.ToBinary(frames));
        string manifest = Serializer.Manifest(frames);
        foreach (Action<JobFramesMessage> damage in (Action<JobFramesMessage>[])
        [
            m => m.RecordsLength--,
            m => m.RecordsLength++,
            m => m.RecordsLength = -1,
            m => m.RecordsLength = int.MaxValue,
            m => m.ClearRecordsLength(),
            m => m.Records = ByteString.CopyFrom(m.Records.Span[..^1]),
            m => m.Records = ByteString.Empty,
        ])
        {
            JobFramesMessage damaged = message.Clone();
            damage(damaged);
            Assert.Throws<ArgumentException>(() => Serializer.FromBinary(damaged.ToByteArray(), manifest));
        }
        Assert.Equal(frames.Count, Assert.IsType<JobFrames>(Serializer.FromBinary(message.ToByteArray(), manifest)).Count);
    }

    [Fact]
    public void What_has_no_serializer_is_not_serialized()
    {
        Assert.ThrowsAny<Exception>(() => _system.Serialization.FindSerializerFor(new Unknown()).ToBinary(new Unknown()));
    }

    [Fact]
    public void An_unknown_manifest_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Serializer.FromBinary([], "nobody"));
    }

    private JobSerializer Serializer => (JobSerializer)_system.Serialization.FindSerializerFor(JobStop.Instance);

    /// <summary>Larger than what is sent as it is.</summary>
    private static byte[] Similar() => [.. Enumerable.Range(0, 40_000).Select(n => (byte)(n % 700 % 251))];

    private static object Comparable(object message) => message switch
    {
        JobFrames m => (m with { Records = default, Lease = null, Serialized = null }, Convert.ToHexString(m.Records.Span)),
        JobReply m => (m with { Record = default }, Convert.ToHexString(m.Record.Span)),
        _ => message,
    };

    private sealed class Unknown;
}
