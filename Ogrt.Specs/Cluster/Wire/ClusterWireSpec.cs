using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Cluster.Formation;
using Ogrt.Actors.Jobs;
using Ogrt.Actors.Jobs.Protocol;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Cluster.Wire;

/// <summary>
/// Servers of two versions talk during a rolling change, and the next version reads this one's snapshots: what crosses nodes or
/// is stored has been recorded, and is read for ever. docs/cluster-wire.md tells how formats may change.
/// </summary>
public sealed class ClusterWireSpec(SerializingSystem serializing) : IClassFixture<SerializingSystem>
{
    private static readonly Guid Journal = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly Incarnation Asker = new(new NodeAddress("10.0.0.1", 7972), 0x1234567890), Answerer = new(new NodeAddress("fd00::1", 7973), 7);

    private readonly ActorSystem _system = serializing.System;

    private static readonly (string Name, object Message)[] Examples =
    [
        ("hello", new Hello("main", Asker, 42, true)),
        ("hello-reply", new HelloReply("main", Answerer, 42, FormationStatus.Up, "10.0.0.1:7972#1", [Asker.Address, Answerer.Address], "a:1 b:1", true, 100)),
        ("leave-request", new LeaveRequest("10.0.0.1:7972")),
        ("leave-started", LeaveStarted.Instance),
        ("job-frames", new JobFrames("main/17", Journal, 4096, 8192, 9000, 1, new byte[] { 1, 2, 3 })),
        ("job-frames-packed", new JobFrames("main/17", Journal, 4096, 8192, 19000, 2, Enumerable.Range(0, 2000).Select(n => (byte)(n % 11)).ToArray())),
        ("job-frames-applied", new JobFramesApplied("main/17", Journal, 9000)),
        ("job-frames-saved", new JobFramesSaved("main/17", Journal, 9000)),
        ("job-frames-refused", new JobFramesRefused("main/17", Journal, 8192)),
        ("save-job", new SaveJob("main/17")),
        ("wake-job", new WakeJob("main/17")),
        ("get-job", new GetJob("main/17")),
        ("job-reply", new JobReply("main/17", new byte[] { 9, 8 })),
        ("job-stop", JobStop.Instance),
        ("job-snapshot", Snapshot()),
    ];

    public static TheoryData<string> Names => [.. Examples.Select(e => e.Name)];

    [Fact]
    public void Everything_that_crosses_nodes_or_is_stored_has_been_recorded()
    {
        IEnumerable<Type> all = typeof(IJobMessage).Assembly.GetTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && (t.IsAssignableTo(typeof(IJobMessage)) || t.IsAssignableTo(typeof(IClusterMessage))));
        Assert.Empty(all.Append(typeof(JobSnapshot)).Except(Examples.Select(e => e.Message.GetType())));
        Assert.Equal(Examples.Select(e => e.Name).Order(), Recordings.Read().Select(r => r.Name).Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_was_recorded_is_read_as_what_it_was_and_the_newest_is_what_is_written(string name)
    {
        object example = Examples.Single(e => e.Name == name).Message;
        Serializer serializer = _system.Serialization.FindSerializerFor(example);
        string manifest = Assert.IsType<SerializerWithStringManifest>(serializer, exactMatch: false).Manifest(example);
        byte[] bytes = serializer.ToBinary(example);
        if (Recordings.IsRecording)
            Recordings.Add(new Recording(name, serializer.Identifier, manifest, bytes));

        Recording[] recorded = [.. Recordings.Read().Where(r => r.Name == name)];
        foreach (Recording recording in recorded)
            Assert.Equal(Comparable(example), Comparable(_system.Serialization.Deserialize(recording.Bytes, recording.Serializer, recording.Manifest)));
        // Else the format has changed: record what is written now as well, and keep what was.
        Assert.Equal((serializer.Identifier, manifest, Convert.ToHexStringLower(bytes)),
            (recorded[^1].Serializer, recorded[^1].Manifest, Convert.ToHexStringLower(recorded[^1].Bytes)));
    }

    [Fact]
    public void A_job_goes_on_from_a_recorded_snapshot()
    {
        foreach (Recording recording in Recordings.Read().Where(r => r.Name == "job-snapshot"))
        {
            var snapshot = (JobSnapshot)_system.Serialization.Deserialize(recording.Bytes, recording.Serializer, recording.Manifest);
            Job job = Job.Restore(JobLimits.Default, snapshot);
            var record = job.Current.ToRecord("main", "17", 100);
            Assert.Equal((3UL, 1UL, JobState.JobRunning), (record.ProcessCount, record.ProcessCount - record.LiveCount, record.State));
            Assert.Equal(FrameOutcome.Duplicate, job.Apply(Jobs.Frames.Frame(Jobs.Frames.Process(11, 2, 10, 1, "/bin/ls", job: "17")), WireLayout.Current, 5, out _));
            Assert.Equal(FrameOutcome.Applied, job.Apply(Jobs.Frames.Frame(Jobs.Frames.Process(13, 4, 10, 1, "/bin/ls", job: "17")), WireLayout.Current, 5, out _));
        }
    }

    private static JobSnapshot Snapshot()
    {
        var job = new Job(JobLimits.Default);
        foreach (IMessage message in (IMessage[])
        [
            Jobs.Frames.Process(10, 1, path: "/bin/bash", job: "17", modules: ["gcc/13"]),
            Jobs.Frames.Process(11, 2, 10, 1, "/bin/ls", job: "17"),
            Jobs.Frames.End(11, 2, exitCode: 3, job: "17"),
            Jobs.Frames.Process(12, 3, 10, 1, "/opt/app", job: "17", host: "n2", libraries: ["/lib64/libm.so.6", "/lib64/libc.so.6"]),
        ])
            job.Apply(Jobs.Frames.Frame(message), WireLayout.Current, 1_700_000_001_000_000_000, out _);
        var snapshot = new JobSnapshot { EntityId = "main/17", Watermarks = { new Watermark { Origin = ByteString.CopyFrom(Journal.ToByteArray()), Applied = 9000 } } };
        job.SaveTo(snapshot);
        return snapshot;
    }

    private static object Comparable(object message) => message switch
    {
        JobFrames m => (m with { Records = default, Lease = null, Serialized = null }, Convert.ToHexString(m.Records.Span)),
        JobReply m => (m with { Record = default }, Convert.ToHexString(m.Record.Span)),
        HelloReply m => (m.Cluster, m.From, m.AskedAt, m.Status, m.ClusterId, string.Join(' ', m.Members), (m.Seeds, m.Granted, m.Shards)),
        _ => message,
    };
}
