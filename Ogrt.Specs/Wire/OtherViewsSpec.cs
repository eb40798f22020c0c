using CsCheck;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Wire;

public class OtherViewsSpec
{
    [Fact]
    public void Any_end_of_a_process_says_what_Google_Protobuf_reads_in_it() =>
        WireGen.ProcessEnd.Sample(AssertEnd, iter: 5_000);

    [Fact]
    public void A_damaged_end_of_a_process_is_refused_where_Google_Protobuf_refuses_it() =>
        WireGen.Damaged(WireGen.ProcessEnd).Sample(AssertEnd, iter: 10_000);

    [Fact]
    public void Any_start_of_a_job_says_what_Google_Protobuf_reads_in_it() => Gen.OneOf(
        WireGen.Job(100, 101), WireGen.Damaged(WireGen.Job(100, 101))).Sample(payload =>
    {
        JobStart? expected = Oracle.Parse(JobStart.Parser, payload, out bool onlyForUtf8);
        WireError error = JobStartView.TryParse(payload, WireLayout.Current, out JobStartView view);
        if (payload.Length == 0) Assert.Equal(WireError.Empty, error);
        else if (!onlyForUtf8) Assert.Equal(expected is not null, error == WireError.None);
        if (expected is null || error != WireError.None) return;
        Assert.Equal(expected, Oracle.ToMessage(view));
        byte[] frame = WireGen.Frame(10, payload);
        Assert.Equal(WireError.None, FrameRouter.TryRoute(frame, WireLayout.Current, 1 << 20, out FrameRoute route));
        Assert.Equal(expected.JobId, Oracle.Text(route.JobId.Of(frame)));
        Assert.Equal(view.StartTimeNs, route.TimeNs);
    }, iter: 5_000);

    [Fact]
    public void Any_end_of_a_job_says_what_Google_Protobuf_reads_in_it() => Gen.OneOf(
        WireGen.Job(200, 201), WireGen.Damaged(WireGen.Job(200, 201))).Sample(payload =>
    {
        JobEnd? expected = Oracle.Parse(JobEnd.Parser, payload, out bool onlyForUtf8);
        WireError error = JobEndView.TryParse(payload, WireLayout.Current, out JobEndView view);
        if (payload.Length == 0) Assert.Equal(WireError.Empty, error);
        else if (!onlyForUtf8) Assert.Equal(expected is not null, error == WireError.None);
        if (expected is null || error != WireError.None) return;
        Assert.Equal(expected, Oracle.ToMessage(view));
        byte[] frame = WireGen.Frame(11, payload);
        Assert.Equal(WireError.None, FrameRouter.TryRoute(frame, WireLayout.Current, 1 << 20, out FrameRoute route));
        Assert.Equal(expected.JobId, Oracle.Text(route.JobId.Of(frame)));
        Assert.Equal(view.EndTimeNs, route.TimeNs);
    }, iter: 5_000);

    [Theory]
    [InlineData(0L, 0L)]
    [InlineData(1456936066L, 1456936066000000000L)]
    [InlineData(-1L, -1000000000L)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(long.MinValue, long.MinValue)]
    public void Times_beyond_what_nanoseconds_can_hold_saturate(long seconds, long nanoseconds)
    {
        JobStartView.TryParse(WireGen.Varint(101, (ulong)seconds), WireLayout.Current, out JobStartView view);
        Assert.Equal(nanoseconds, view.StartTimeNs);
        ProcessInfoView.TryParse(WireGen.Varint(303, (ulong)seconds), WireLayout.Current, out ProcessInfoView process);
        Assert.Equal(nanoseconds, process.TimeNs);
    }

    private static void AssertEnd(byte[] payload)
    {
        ProcessEnd? expected = Oracle.Parse(ProcessEnd.Parser, payload, out bool onlyForUtf8);
        WireError error = ProcessEndView.TryParse(payload, WireLayout.Current, out ProcessEndView view);
        if (payload.Length == 0) Assert.Equal(WireError.Empty, error);
        else if (!onlyForUtf8) Assert.Equal(expected is not null, error == WireError.None);
        if (expected is null || error != WireError.None) return;
        Assert.Equal(expected, Oracle.ToMessage(view));
        byte[] frame = WireGen.Frame(16, payload);
        Assert.Equal(WireError.None, FrameRouter.TryRoute(frame, WireLayout.Current, 1 << 20, out FrameRoute route));
        Assert.Equal(expected.JobId, Oracle.Text(route.JobId.Of(frame)));
        Assert.Equal(expected.Hostname, Oracle.Text(route.Hostname.Of(frame)));
        Assert.Equal(expected.EndTimeNs, route.TimeNs);
    }
}
