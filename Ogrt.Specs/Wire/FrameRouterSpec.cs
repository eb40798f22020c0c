using Ogrt.Wire;

namespace Ogrt.Specs.Wire;

public class FrameRouterSpec
{
    private const uint Process = (uint)FrameType.ProcessInfo;

    public static TheoryData<string, WireError, byte[]> BadFrames => new()
    {
        { "nothing", WireError.Truncated, [] },
        { "half a header", WireError.Truncated, [0, 0, 0, 12] },
        { "unknown type", WireError.UnknownType, WireGen.Frame(13, 1) },
        { "a type of the wrong byte order", WireError.UnknownType, WireGen.Frame(12u << 24, 1) },
        { "text", WireError.UnknownType, "GET / HTTP/1.1\r\n\r\n"u8.ToArray() },
        { "length 0", WireError.Empty, [0, 0, 0, 12, 0, 0, 0, 0] },
        { "length of 4 GiB", WireError.TooLong, [0, 0, 0, 12, 255, 255, 255, 255, 1, 2, 3] },
        { "length of 2 GiB", WireError.TooLong, [0, 0, 0, 12, 128, 0, 0, 0, 1, 2, 3] },
        { "one above the limit", WireError.TooLong, WireGen.Frame(Process, new byte[1001]) },
        { "shorter than announced", WireError.Truncated, WireGen.Frame(Process, WireGen.Varint(301, 1))[..^1] },
        { "longer than announced", WireError.TrailingBytes, [.. WireGen.Frame(Process, WireGen.Varint(301, 1)), 0] },
        { "field number 0", WireError.BadTag, WireGen.Frame(Process, 0, 0, 0, 0) },
        { "field number 0 in two bytes", WireError.BadTag, WireGen.Frame(Process, 0x82, 0x00, 0x01, 0x41) },
        { "wire type 6", WireError.BadWireType, WireGen.Frame(Process, 0xe6, 0x12, 0, 0) },
        { "wire type 7 of a field unknown", WireError.BadWireType, WireGen.Frame(Process, 0x0f, 0, 0) },
        { "endless varint", WireError.BadVarint, WireGen.Frame(Process, [0xe8, 0x12, .. Enumerable.Repeat((byte)0xff, 900)]) },
        { "endless varint as a tag", WireError.BadVarint, WireGen.Frame(Process, [.. Enumerable.Repeat((byte)0xff, 900)]) },
        { "endless varint as a length", WireError.BadVarint, WireGen.Frame(Process, [0xe2, 0x12, .. Enumerable.Repeat((byte)0xff, 900)]) },
        { "varint cut off", WireError.Truncated, WireGen.Frame(Process, 0xe8, 0x12, 0x80) },
        { "string beyond the end", WireError.Truncated, WireGen.Frame(Process, 0xe2, 0x12, 5, 65) },
        { "string of 2 GiB", WireError.Truncated, WireGen.Frame(Process, 0xe2, 0x12, 255, 255, 255, 255, 7, 65) },
        { "string of negative length", WireError.Truncated, WireGen.Frame(Process, 0xe2, 0x12, 255, 255, 255, 255, 15, 65) },
        { "path beyond its shared object", WireError.Truncated, WireGen.Frame(Process, [.. WireGen.Bytes(311, [0x82, 0x19, 4, 65]), 65, 65, 65]) },
        { "bad tag in a module", WireError.BadTag, WireGen.Frame(Process, WireGen.Bytes(312, [0, 0, 0, 0])) },
        { "fixed64 cut off", WireError.Truncated, WireGen.Frame(Process, 0x09, 1, 2, 3) },
        { "fixed32 cut off", WireError.Truncated, WireGen.Frame(Process, 0x0d, 1, 2, 3) },
        { "end of no group", WireError.BadGroup, WireGen.Frame(Process, 0xe4, 0x12) },
        { "group without end", WireError.BadGroup, WireGen.Frame(Process, 0xe3, 0x12) },
        { "end of another group", WireError.BadGroup, WireGen.Frame(Process, 0xe3, 0x12, 0xec, 0x12) },
        { "end of a group within a shared object", WireError.BadGroup, WireGen.Frame(Process, [0x0b, .. WireGen.Bytes(311, [0x0c]), 0x0c, .. WireGen.Bytes(311, [0x0c])]) },
        { "101 groups", WireError.TooDeep, WireGen.Frame(Process, Groups(101)) },
        { "groups without end", WireError.TooDeep, WireGen.Frame(Process, [.. Enumerable.Repeat((byte)0x0b, 1000)]) },
        { "100 groups in a shared object", WireError.TooDeep, WireGen.Frame(Process, WireGen.Bytes(311, Groups(100))) },
        { "empty start of a job", WireError.Empty, WireGen.Frame(10) },
        { "bad start of a job", WireError.Truncated, WireGen.Frame(10, 0xa2, 0x06, 9) },
        { "bad end of a job", WireError.BadTag, WireGen.Frame(11, 0) },
        { "bad end of a process", WireError.BadWireType, WireGen.Frame(16, 0xe7, 0x12) },
    };

    [Theory]
    [MemberData(nameof(BadFrames), DisableDiscoveryEnumeration = true)]
    public void A_bad_frame_is_refused_with_its_reason(string what, WireError expected, byte[] frame)
    {
        WireError error = FrameRouter.TryRoute(frame, WireLayout.Current, 1000, out FrameRoute route);
        Assert.True(expected == error, $"{what}: {error}");
        Assert.Equal(default, route);
    }

    [Fact]
    public void A_payload_of_exactly_the_limit_is_accepted()
    {
        byte[] payload = WireGen.Bytes(308, new byte[996]);
        Assert.Equal(1000, payload.Length);
        Assert.Equal(WireError.None, FrameRouter.TryRoute(WireGen.Frame(Process, payload), WireLayout.Current, 1000, out _));
        Assert.Equal(WireError.TooLong, FrameRouter.TryRoute(WireGen.Frame(Process, payload), WireLayout.Current, 999, out _));
    }

    [Fact]
    public void A_hundred_groups_are_passed_over()
    {
        byte[] frame = WireGen.Frame(Process, [.. Groups(100), .. WireGen.Bytes(305, "J"u8)]);
        Assert.Equal(WireError.None, FrameRouter.TryRoute(frame, WireLayout.Current, 1000, out FrameRoute route));
        Assert.Equal("J", Oracle.Text(route.JobId.Of(frame)));
    }

    [Fact]
    public void A_frame_without_job_and_host_is_routed_with_neither()
    {
        byte[] frame = WireGen.Frame(Process, WireGen.Varint(301, 1));
        Assert.Equal(WireError.None, FrameRouter.TryRoute(frame, WireLayout.Current, 1000, out FrameRoute route));
        Assert.True(route.JobId.IsEmpty);
        Assert.True(route.Hostname.IsEmpty);
        Assert.True(route.JobId.Of(frame).IsEmpty);
        Assert.Equal(0, route.TimeNs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../etc/passwd")]
    [InlineData("line\nbreak")]
    [InlineData("nul\0nul")]
    public void A_job_id_is_given_as_it_was_sent(string jobId)
    {
        byte[] frame = WireGen.Frame(Process, WireGen.Bytes(305, System.Text.Encoding.UTF8.GetBytes(jobId)));
        Assert.Equal(WireError.None, FrameRouter.TryRoute(frame, WireLayout.Current, 1000, out FrameRoute route));
        Assert.Equal(jobId, Oracle.Text(route.JobId.Of(frame)));
    }

    [Fact]
    public void A_job_id_of_ten_thousand_characters_is_found_whole()
    {
        byte[] jobId = [.. Enumerable.Repeat((byte)'x', 10_000)];
        byte[] frame = WireGen.Frame(Process, WireGen.Bytes(305, jobId));
        Assert.Equal(WireError.None, FrameRouter.TryRoute(frame, WireLayout.Current, 262_144, out FrameRoute route));
        Assert.Equal(jobId, route.JobId.Of(frame).ToArray());
    }

    [Fact]
    public void Each_reason_has_a_name_of_its_own_in_snake_case()
    {
        string[] names = [.. Enum.GetValues<WireError>().Select(WireErrors.Name)];
        Assert.Equal(WireErrors.Count, names.Length);
        Assert.Equal(names.Length, names.Distinct().Count());
        foreach (WireError error in Enum.GetValues<WireError>())
            Assert.Equal(error.ToString(), string.Concat(WireErrors.Name(error).Split('_').Select(w => char.ToUpperInvariant(w[0]) + w[1..])));
        Assert.Equal("unknown", WireErrors.Name((WireError)200));
    }

    private static byte[] Groups(int count) =>
        [.. Enumerable.Repeat((byte)0x0b, count), .. Enumerable.Repeat((byte)0x0c, count)];
}
