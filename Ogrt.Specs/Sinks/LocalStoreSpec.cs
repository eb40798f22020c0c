using CsCheck;
using Google.Protobuf;
using Ogrt.Sinks;
using Ogrt.Sinks.Local;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks;

public sealed class LocalStoreSpec
{
    [Fact]
    public void Any_frame_comes_back_with_the_same_JSON()
    {
        Gen.Select(Frames.ProcessPayload, Gen.Enum<WireLayout>()).Array[1, 20].Sample(
            frames =>
            {
                using var store = new TempStore();
                var expected = new List<string>();
                var records = frames.Select((f, n) => Frames.Record(
                    RecordKind.KindOf(f.Item2), Frames.Frame(FrameType.ProcessInfo, f.Item1), n)).ToList();
                SinkOutcome[] outcomes = store.Write(records);
                for (int n = 0; n < frames.Length; n++)
                {
                    (byte[] payload, WireLayout layout) = frames[n];
                    bool valid = ProcessInfoView.TryParse(payload, layout, out _) == WireError.None;
                    Assert.Equal(valid ? SinkOutcome.Delivered : SinkOutcome.Rejected,
                        outcomes[n] == SinkOutcome.Duplicate ? SinkOutcome.Delivered : outcomes[n]);
                    if (outcomes[n] == SinkOutcome.Delivered)
                        expected.Add(Frames.Json(records[n].Payload.Span, layout));
                }
                var actual = store.Read(s => s.ListJobs(new JobFilter()).Select(j => j.JobId).Distinct()
                    .SelectMany(s.GetProcesses).Select(p => Frames.Json(p.Frame.Bytes.Span, p.Frame.Layout)).ToList());
                Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
            },
            iter: 60, threads: 1);
    }

    [Fact]
    public void A_recorded_frame_comes_back_with_its_lists_in_order()
    {
        using var store = new TempStore();
        ProcessInfo process = Frames.Process(1);
        process.EnvironmentVariables.AddRange(["A=1", "PATH=/bin:/usr/bin", "A=1"]);
        process.Arguments.AddRange(["app", "--number", "1"]);
        process.SharedObjects.Add(new SharedObject { Path = "/opt/x.so", Signature = "", BuildId = ByteString.CopyFrom(1, 2, 255) });
        store.Write([process]);
        StoredProcess stored = Assert.Single(store.Read(s => s.GetProcesses("JOB").ToList()));
        Assert.Equal(process, ProcessInfo.Parser.ParseFrom(stored.Frame.Bytes.Span[FrameHeader.Size..]));
    }

    [Fact]
    public void The_same_records_again_change_nothing()
    {
        using var store = new TempStore();
        IMessage[] messages =
        [
            .. Enumerable.Range(0, 20).Select(n => Frames.Process(n)), Frames.EndOf(Frames.Process(3), 1), Frames.JobRecord(),
        ];
        Assert.All(store.Write(messages), o => Assert.Equal(SinkOutcome.Delivered, o));
        string before = Dump(store);
        store.Close();
        Assert.All(store.Write(messages), o => Assert.Equal(SinkOutcome.Duplicate, o));
        Assert.Equal(before, Dump(store));
    }

    [Fact]
    public void A_process_sent_again_with_another_count_of_failed_sends_is_the_same_process()
    {
        using var store = new TempStore();
        ProcessInfo again = Frames.Process(1);
        again.FailedSends = 2;
        Assert.Equal([SinkOutcome.Delivered, SinkOutcome.Duplicate], store.Write([Frames.Process(1), again]));
    }

    [Fact]
    public void The_images_of_a_process_that_execs_are_each_kept()
    {
        using var store = new TempStore();
        ProcessInfo first = Frames.Process(1);
        ProcessInfo second = Frames.Process(1, binpath: "/bin/other");
        second.TimeNs++;
        store.Write([first, second, Frames.EndOf(first)]);
        List<StoredProcess> images = store.Read(s => s.GetProcesses("JOB").ToList());
        Assert.Equal(2, images.Count);
        Assert.All(images, i => Assert.NotNull(i.End));
        JobSummary job = Assert.Single(store.Read(s => s.ListJobs(new JobFilter())));
        Assert.Equal((1, 0), (job.ProcessCount, job.LiveCount));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_end_finds_its_process_whichever_comes_first(bool endFirst)
    {
        using var store = new TempStore();
        ProcessInfo process = Frames.Process(1);
        ProcessEnd end = Frames.EndOf(process, exitCode: 3);
        store.Write(endFirst ? [end] : [process]);
        store.Write(endFirst ? [process] : [end]);
        StoredProcess stored = Assert.Single(store.Read(s => s.GetProcesses("JOB").ToList()));
        Assert.Equal(end, ProcessEnd.Parser.ParseFrom(stored.End!.Value.Bytes.Span[FrameHeader.Size..]));
        JobSummary job = Assert.Single(store.Read(s => s.ListJobs(new JobFilter())));
        Assert.Equal((1, 0, 1), (job.ProcessCount, job.LiveCount, job.FailedCount));
    }

    [Fact]
    public void An_end_of_another_start_of_the_same_pid_is_not_taken_for_this_one()
    {
        using var store = new TempStore();
        ProcessInfo process = Frames.Process(1);
        ProcessEnd end = Frames.EndOf(process);
        end.StartTicks++;
        store.Write([process, end]);
        Assert.Null(Assert.Single(store.Read(s => s.GetProcesses("JOB").ToList())).End);
    }

    [Fact]
    public void Ten_thousand_processes_with_one_library_list_store_it_once()
    {
        using var store = new TempStore();
        for (int n = 0; n < 10_000; n += 2500)
            store.Write(Enumerable.Range(n, 2500).Select(i => Frames.Process(i)));
        Assert.Equal(10_000, store.Count("process"));
        Assert.Equal(1, store.Count("object_list"));
        Assert.Equal(Frames.Libraries.Length, store.Count("object_list_item"));
        Assert.Equal(Frames.Libraries.Length, store.Count("object"));
        Assert.Equal(1, store.Count("module_list"));
    }

    [Fact]
    public void Only_a_newer_version_of_a_job_record_replaces_it()
    {
        using var store = new TempStore();
        SinkOutcome[] outcomes = store.Write([Frames.JobRecord(version: 2), Frames.JobRecord(version: 1), Frames.JobRecord(version: 3)]);
        Assert.Equal([SinkOutcome.Delivered, SinkOutcome.Duplicate, SinkOutcome.Delivered], outcomes);
        Assert.Equal(3ul, store.Read(s => s.GetJobRecord("JOB"))!.Version);
    }

    [Fact]
    public void The_last_incarnation_is_what_a_job_is_asked_for()
    {
        using var store = new TempStore();
        store.Write([Frames.JobRecord(incarnation: 2), Frames.JobRecord(incarnation: 1, version: 9)]);
        Assert.Equal(2u, store.Read(s => s.GetJobRecord("JOB"))!.Incarnation);
        Assert.Equal(9ul, store.Read(s => s.GetJobRecord("JOB", 1))!.Version);
        Assert.Equal([2u, 1u], store.Read(s => s.ListJobs(new JobFilter()).Select(j => j.Incarnation)));
    }

    [Fact]
    public void A_job_is_listed_before_a_job_record_has_come()
    {
        using var store = new TempStore();
        store.Write([Frames.Process(1), Frames.Process(2, host: "node2"), new JobEnd { JobId = "JOB", EndTime = 1_700_000_050 }]);
        JobSummary job = Assert.Single(store.Read(s => s.ListJobs(new JobFilter())));
        Assert.Equal(("test", "JOB", 0u, "user", 2, 2, 2), (job.Cluster, job.JobId, job.Incarnation, job.User, job.HostCount, job.ProcessCount, job.LiveCount));
        Assert.Equal(JobState.JobEnded, job.State);
        Assert.Equal(Frames.Process(1).TimeNs, job.FirstTimeNs);
        Assert.Equal(Frames.Process(2).TimeNs, job.LastTimeNs);
        Assert.Equal(1_700_000_050_000_000_000, job.EndTimeNs);
    }

    [Fact]
    public void Invalid_UTF_8_is_kept_byte_by_byte()
    {
        using var store = new TempStore();
        var output = new BatchBuffer();
        foreach (uint field in (uint[])[300, 305, 306, 307, 308, 309, 310])
            ProcessRest.WriteBytes(output, field, [0x2f, 0xff, 0x00, (byte)field]);
        byte[] payload = output.Slice(0, output.Length).ToArray();
        store.Write([Frames.Record(RecordKind.Frame, Frames.Frame(FrameType.ProcessInfo, payload))]);
        string job = Assert.Single(store.Read(s => s.ListJobs(new JobFilter()))).JobId;
        StoredProcess stored = Assert.Single(store.Read(s => s.GetProcesses(job).ToList()));
        Assert.Equal(WireError.None, ProcessInfoView.TryParse(stored.Frame.Bytes.Span[FrameHeader.Size..], WireLayout.Current, out ProcessInfoView view));
        Assert.Equal([0x2f, 0xff, 0x00, 300 & 0xff], view.Binpath.ToArray());
        Assert.Equal([0x2f, 0xff, 0x00, 307 & 0xff], view.Hostname.ToArray());
        foreach (ReadOnlySpan<byte> variable in view.EnvironmentVariables)
            Assert.Equal([0x2f, 0xff, 0x00, 309 & 0xff], variable.ToArray());
    }

    [Fact]
    public void Records_that_cannot_be_read_are_refused_and_the_others_stored()
    {
        using var store = new TempStore();
        SinkOutcome[] outcomes = store.Write(
        [
            Frames.Record(RecordKind.Frame, Frames.Frame(FrameType.ProcessInfo, [0xff])),
            Frames.Record(Frames.Process(1), 1),
            Frames.Record(RecordKind.Frame, [1, 2, 3], 2),
            Frames.Record(RecordKind.Frame, Frames.Frame((FrameType)99, [8, 1]), 3),
            Frames.Record(RecordKind.JobRecord, [0xff, 0xff], 4),
        ]);
        Assert.Equal(
            [SinkOutcome.Rejected, SinkOutcome.Delivered, SinkOutcome.Rejected, SinkOutcome.Rejected, SinkOutcome.Rejected], outcomes);
        Assert.Equal(1, store.Count("process"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("UNKNOWN")]
    public void Processes_without_a_job_are_listed_under_their_host_and_day(string none)
    {
        using var store = new TempStore();
        ProcessInfo process = Frames.Process(1, job: none);
        store.Write([process]);
        Assert.Equal("nojob-node1-2023-11-14", Assert.Single(store.Read(s => s.ListJobs(new JobFilter()))).JobId);
        Assert.Equal(process, ProcessInfo.Parser.ParseFrom(
            Assert.Single(store.Read(s => s.GetProcesses("nojob-node1-2023-11-14").ToList())).Frame.Bytes.Span[FrameHeader.Size..]));
    }

    [Fact]
    public void Frames_of_a_job_are_its_images_and_each_end_once()
    {
        using var store = new TempStore();
        ProcessInfo first = Frames.Process(1);
        ProcessInfo second = Frames.Process(1);
        second.TimeNs += 10;
        store.Write([second, Frames.EndOf(first), first]);
        Assert.Equal([FrameType.ProcessInfo, FrameType.ProcessInfo, FrameType.ProcessEnd],
            store.Read(s => s.GetFrames("JOB").Select(f => (FrameType)FrameHeader.Read(f.Bytes.Span).Type).ToList()));
    }

    private static string Dump(TempStore store)
    {
        using SqliteDatabase database = SqliteDatabase.OpenRead(store.Path);
        var text = new System.Text.StringBuilder();
        foreach (string table in (string[])["text", "object", "object_list", "object_list_item", "module_list", "environment", "job", "job_use", "job_record", "process", "process_end"])
        {
            using SqliteStatement rows = database.Prepare($"SELECT * FROM {table} ORDER BY 1, 2");
            while (rows.Step())
            {
                text.Append(table);
                for (int column = 0; column < 14 && column < rows.Columns; column++)
                    text.Append('|').Append(Convert.ToHexString(rows.Bytes(column)));
                text.AppendLine();
            }
        }
        return text.ToString();
    }
}
