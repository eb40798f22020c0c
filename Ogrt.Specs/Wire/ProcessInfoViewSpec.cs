using CsCheck;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Wire;

public class ProcessInfoViewSpec
{
    [Fact]
    public void Any_payload_says_what_Google_Protobuf_reads_in_it() => WireGen.ProcessInfo.Sample(payload =>
    {
        ProcessInfo? expected = Oracle.Parse(ProcessInfo.Parser, payload, out _);
        Assert.NotNull(expected);
        WireError error = ProcessInfoView.TryParse(payload, WireLayout.Current, out ProcessInfoView view);
        Assert.Equal(payload.Length == 0 ? WireError.Empty : WireError.None, error);
        AssertSame(expected, view);
    }, iter: 5_000);

    [Fact]
    public void Damaged_payloads_are_refused_where_Google_Protobuf_refuses_them() =>
        WireGen.Damaged(WireGen.ProcessInfo).Sample(AssertAgreement, iter: 20_000);

    [Fact]
    public void Strings_of_any_bytes_are_accepted() =>
        WireGen.Damaged(WireGen.ProcessInfoOfAnyBytes).Sample(AssertAgreement, iter: 10_000);

    [Fact]
    public void A_damaged_recorded_frame_is_refused_where_Google_Protobuf_refuses_it() =>
        WireGen.Damaged(WireGen.OneOfValues(RecordedFrames.Mpi[8..], RecordedFrames.Shell[8..]))
            .Sample(AssertAgreement, iter: 10_000);

    [Fact]
    public void Every_beginning_of_a_recorded_frame_is_refused_where_Google_Protobuf_refuses_it()
    {
        byte[] payload = RecordedFrames.Mpi[8..];
        for (int length = 0; length <= payload.Length; length++) AssertAgreement(payload[..length]);
    }

    [Fact]
    public void Fields_between_the_shared_objects_do_not_hide_any()
    {
        byte[] payload =
        [
            .. WireGen.Bytes(311, WireGen.Bytes(400, "/a"u8)), .. WireGen.Bytes(305, "J1"u8),
            .. WireGen.Bytes(311, WireGen.Bytes(400, "/b"u8)), .. WireGen.Varint(301, 7),
            .. WireGen.Bytes(311, WireGen.Bytes(400, "/c"u8)), .. WireGen.Bytes(305, "J2"u8),
        ];
        Assert.Equal(WireError.None, ProcessInfoView.TryParse(payload, WireLayout.Current, out ProcessInfoView view));
        Assert.True(view.SharedObjectsAreScattered);
        Assert.Equal(3, view.SharedObjects.Count);
        AssertSame(ProcessInfo.Parser.ParseFrom(payload), view);
        Assert.Equal("J2", Oracle.Text(view.JobId));
    }

    // Lengths of one byte, two, three; a payload that could hold more than the length says must not hide a mistake in it.
    [Theory]
    [InlineData(0)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(40_000)]
    [InlineData(2_097_152)]
    public void Strings_of_every_length_are_read_whole(int length)
    {
        byte[] text = [.. Enumerable.Range(0, length).Select(i => (byte)('a' + i % 26))];
        byte[] payload =
        [
            .. WireGen.Bytes(308, text), .. WireGen.Bytes(310, text), .. WireGen.Bytes(310, "x"u8),
            .. WireGen.Bytes(311, [.. WireGen.Bytes(400, text), .. WireGen.Bytes(401, text)]),
            .. WireGen.Bytes(312, WireGen.Bytes(700, text)), .. WireGen.Bytes(305, "J"u8), .. WireGen.Bytes(313, new byte[100_000]),
        ];
        Assert.Equal(WireError.None, ProcessInfoView.TryParse(payload, WireLayout.Current, out ProcessInfoView view));
        AssertSame(ProcessInfo.Parser.ParseFrom(payload), view);
        Assert.Equal("J", Oracle.Text(view.JobId));
    }

    [Fact]
    public void Equal_lists_have_equal_hashes_and_other_lists_have_others()
    {
        byte[] list = [.. WireGen.Bytes(311, WireGen.Bytes(400, "/a"u8)), .. WireGen.Bytes(311, WireGen.Bytes(400, "/b"u8))];
        byte[] swapped = [.. WireGen.Bytes(311, WireGen.Bytes(400, "/b"u8)), .. WireGen.Bytes(311, WireGen.Bytes(400, "/a"u8))];
        ulong hash = HashOf([.. WireGen.Varint(301, 1), .. list]);
        Assert.Equal(hash, HashOf([.. WireGen.Varint(301, 99), .. list, .. WireGen.Bytes(305, "X"u8)]));
        Assert.NotEqual(hash, HashOf([.. WireGen.Varint(301, 1), .. swapped]));
        byte[] scattered = [.. list[..(list.Length / 2)], .. WireGen.Varint(301, 1), .. list[(list.Length / 2)..]];
        byte[] scatteredOtherwise = [.. list[..(list.Length / 2)], .. WireGen.Varint(301, 2), .. list[(list.Length / 2)..]];
        Assert.Equal(HashOf(scattered), HashOf(scatteredOtherwise));
    }

    private static ulong HashOf(byte[] payload)
    {
        Assert.Equal(WireError.None, ProcessInfoView.TryParse(payload, WireLayout.Current, out ProcessInfoView view));
        return view.SharedObjectsHash();
    }

    private static void AssertAgreement(byte[] payload)
    {
        ProcessInfo? expected = Oracle.Parse(ProcessInfo.Parser, payload, out bool onlyForUtf8);
        WireError error = ProcessInfoView.TryParse(payload, WireLayout.Current, out ProcessInfoView view);
        if (payload.Length == 0) Assert.Equal(WireError.Empty, error);
        else if (expected is not null) AssertSame(expected, view);
        else if (onlyForUtf8) Assert.Equal(Oracle.AcceptsStructure(payload), error == WireError.None);
        else Assert.NotEqual(WireError.None, error);
        if (expected is not null && payload.Length > 0) Assert.Equal(WireError.None, error);
        AssertRouteAgrees(payload, error);
    }

    private static void AssertRouteAgrees(byte[] payload, WireError error)
    {
        byte[] frame = WireGen.Frame((uint)FrameType.ProcessInfo, payload);
        Assert.Equal(error, FrameRouter.TryRoute(frame, WireLayout.Current, 1 << 20, out FrameRoute route));
        if (error != WireError.None) return;
        ProcessInfoView.TryParse(payload, WireLayout.Current, out ProcessInfoView view);
        Assert.True(view.JobId.SequenceEqual(route.JobId.Of(frame)));
        Assert.True(view.Hostname.SequenceEqual(route.Hostname.Of(frame)));
        Assert.Equal(view.TimeNs, route.TimeNs);
    }

    private static void AssertSame(ProcessInfo expected, in ProcessInfoView view)
    {
        ProcessInfo read = Oracle.ToMessage(view);
        // The view gives times in units of its own: the field that OGRT has always sent is compared by itself.
        if (expected.HasTime)
        {
            Assert.True(view.HasTime);
            Assert.Equal(expected.Time, view.TimeSeconds);
            read.Time = expected.Time;
        }
        else
        {
            Assert.Equal(expected.HasTimeNs, view.HasTime);
        }

        Assert.Equal(expected, read);
    }
}
