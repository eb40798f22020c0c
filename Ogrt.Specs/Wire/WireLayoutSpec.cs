using System.Buffers;
using System.Text;
using Ogrt.Wire;

namespace Ogrt.Specs.Wire;

public class WireLayoutSpec
{
    private static readonly byte[] Uuid = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];

    [Fact]
    public void A_frame_of_OGRT_0_3_is_read_with_its_own_numbers()
    {
        byte[] payload =
        [
            .. WireGen.Bytes(300, "/bin/ls"u8), .. WireGen.Varint(301, 7), .. WireGen.Varint(302, 6),
            .. WireGen.Varint(303, 1456936066), .. WireGen.Bytes(305, "J"u8), .. WireGen.Bytes(306, "u"u8),
            .. WireGen.Bytes(307, "h"u8), .. WireGen.Bytes(308, "A=1"u8), .. WireGen.Bytes(308, "B=2"u8),
            .. WireGen.Bytes(309, "-l"u8), .. WireGen.Bytes(310, WireGen.Bytes(400, "/lib/libc.so"u8)),
        ];
        byte[] frame = WireGen.Frame(12, payload);
        Assert.Equal(WireError.None, FrameRouter.TryRoute(frame, WireLayout.V03, 1000, out FrameRoute route));
        Assert.Equal("J", Oracle.Text(route.JobId.Of(frame)));
        Assert.Equal(1456936066_000_000_000, route.TimeNs);
        Assert.Equal(
            """{"arguments":["-l"],"binpath":"/bin/ls","environment_variables":["A=1","B=2"],"hostname":"h","job_id":"J","parent_pid":6,"pid":7,"shared_objects":[{"path":"/lib/libc.so"}],"time":1456936066,"username":"u"}""",
            Json(payload, WireLayout.V03));
    }

    [Fact]
    public void OGRT_0_3_has_no_fields_above_310_and_no_end_of_a_process()
    {
        byte[] payload =
        [
            .. WireGen.Varint(301, 7), .. WireGen.Bytes(311, [0xff, 0xff]), .. WireGen.Bytes(312, WireGen.Bytes(700, "m"u8)),
            .. WireGen.Bytes(313, "/"u8), .. WireGen.Varint(320, 5), .. WireGen.Bytes(299, Uuid),
        ];
        Assert.Equal("""{"pid":7}""", Json(payload, WireLayout.V03));
        Assert.Equal(WireError.UnknownType, FrameRouter.TryRoute(WireGen.Frame(16, WireGen.Varint(301, 1)), WireLayout.V03, 1000, out _));
        Assert.Equal(WireError.UnknownType, ProcessEndView.TryParse(WireGen.Varint(301, 1), WireLayout.V03, out _));
    }

    [Fact]
    public void Nested_messages_of_OGRT_0_3_are_checked_too()
    {
        byte[] frame = WireGen.Frame(12, WireGen.Bytes(310, [0x82, 0x19, 5]));
        Assert.Equal(WireError.Truncated, FrameRouter.TryRoute(frame, WireLayout.V03, 1000, out _));
        Assert.Equal(WireError.None, FrameRouter.TryRoute(frame, WireLayout.Current, 1000, out _));
    }

    [Fact]
    public void A_frame_of_the_branch_next_has_a_uuid_and_times_in_milliseconds()
    {
        byte[] payload =
        [
            .. WireGen.Bytes(299, Uuid), .. WireGen.Varint(301, 7), .. WireGen.Varint(303, 1456936066123),
            .. WireGen.Bytes(305, "J"u8), .. WireGen.Bytes(308, "ls -l"u8),
            .. WireGen.Bytes(311, WireGen.Bytes(400, "/lib/libc.so"u8)), .. WireGen.Bytes(313, "/tmp"u8),
        ];
        byte[] frame = WireGen.Frame(12, payload);
        Assert.Equal(WireError.None, FrameRouter.TryRoute(frame, WireLayout.Next, 1000, out FrameRoute route));
        Assert.Equal(Uuid, route.Uuid.Of(frame).ToArray());
        Assert.Equal(1456936066_123_000_000, route.TimeNs);
        const string Expected =
            """{"cmdline":"ls -l","cwd":"/tmp","job_id":"J","pid":7,"shared_objects":[{"path":"/lib/libc.so"}],"time":TIME,"uuid":"0102030405060708090a0b0c0d0e0f10"}""";
        Assert.Equal(Expected.Replace("TIME", "1456936066", StringComparison.Ordinal), Json(payload, WireLayout.Next));
        Assert.Equal(
            Expected.Replace("TIME", "1456936066123", StringComparison.Ordinal),
            Json(payload, WireLayout.Next, JsonTimeUnit.Milliseconds));
    }

    [Fact]
    public void The_uuid_and_the_additions_belong_to_one_layout_each()
    {
        byte[] payload = [.. WireGen.Varint(301, 7), .. WireGen.Bytes(299, Uuid), .. WireGen.Varint(320, 5)];
        Assert.Equal("""{"pid":7,"start_ticks":5}""", Json(payload, WireLayout.Current));
        Assert.Equal("""{"pid":7,"uuid":"0102030405060708090a0b0c0d0e0f10"}""", Json(payload, WireLayout.Next));
    }

    [Fact]
    public void An_end_of_the_branch_next_is_read_with_its_own_numbers()
    {
        byte[] payload =
        [
            .. WireGen.Bytes(99, Uuid), .. WireGen.Varint(104, 1456936067123), .. WireGen.Varint(105, 12),
            .. WireGen.Varint(106, 3), .. WireGen.Varint(107, 2048), .. WireGen.Varint(108, 1), .. WireGen.Varint(109, 2),
            .. WireGen.Varint(110, 3), .. WireGen.Varint(111, 4), .. WireGen.Varint(112, 5), .. WireGen.Varint(113, 6),
            .. WireGen.Varint(301, 9), .. WireGen.Bytes(305, "not here"u8),
        ];
        byte[] frame = WireGen.Frame(16, payload);
        Assert.Equal(WireError.None, FrameRouter.TryRoute(frame, WireLayout.Next, 1000, out FrameRoute route));
        Assert.Equal(Uuid, route.Uuid.Of(frame).ToArray());
        Assert.True(route.JobId.IsEmpty);
        Assert.Equal(1456936067_123_000_000, route.TimeNs);
        ProcessEndView.TryParse(payload, WireLayout.Next, out ProcessEndView end);
        var json = new ArrayBufferWriter<byte>();
        ProcessEndJson.Write(json, end, default);
        Assert.Equal(
            """{"blocks_read":3,"blocks_written":4,"end_time":1456936067,"end_time_ns":1456936067123000000,"involuntary_switches":6,"major_faults":2,"max_rss_kib":2048,"minor_faults":1,"system_time_us":3000,"user_time_us":12000,"uuid":"0102030405060708090a0b0c0d0e0f10","voluntary_switches":5}""",
            Encoding.UTF8.GetString(json.WrittenSpan));
    }

    [Fact]
    public void Each_layout_has_a_kind_of_record_of_its_own()
    {
        foreach (WireLayout layout in Enum.GetValues<WireLayout>())
        {
            Assert.True(RecordKind.IsFrame(RecordKind.KindOf(layout)));
            Assert.Equal(layout, RecordKind.LayoutOf(RecordKind.KindOf(layout)));
        }

        Assert.False(RecordKind.IsFrame(RecordKind.JobRecord));
        Assert.Throws<ArgumentOutOfRangeException>(() => RecordKind.LayoutOf(RecordKind.JobRecord));
        Assert.Throws<ArgumentOutOfRangeException>(() => RecordKind.KindOf((WireLayout)9));
    }

    private static string Json(byte[] payload, WireLayout layout, JsonTimeUnit unit = JsonTimeUnit.Seconds)
    {
        Assert.Equal(WireError.None, ProcessInfoView.TryParse(payload, layout, out ProcessInfoView view));
        var json = new ArrayBufferWriter<byte>();
        ProcessJson.Write(json, view, new ProcessJsonOptions(unit));
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
