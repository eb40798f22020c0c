using System.Buffers;
using System.Text.Json;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Wire.Fuzzing;

/// <summary>What is done to each input of the fuzzer: everything that the server does to bytes from the network.</summary>
public sealed class WireTarget
{
    private readonly ArrayBufferWriter<byte> _plain = new(1 << 16);
    private readonly ArrayBufferWriter<byte> _cached = new(1 << 16);
    private readonly JsonFragmentCache _cache = new(1 << 20);

    /// <summary>How many inputs were frames.</summary>
    public long Accepted { get; private set; }

    /// <summary>How many were refused, by reason.</summary>
    public long[] Refused { get; } = new long[WireErrors.Count];

    /// <summary>Reads the input in every layout and holds what comes out against Google.Protobuf and a JSON parser.</summary>
    /// <param name="input">Any bytes.</param>
    /// <returns>What the current layout says of them.</returns>
    public WireError Run(byte[] input)
    {
        CutStream(input);
        foreach (WireLayout layout in (ReadOnlySpan<WireLayout>)[WireLayout.V03, WireLayout.Next]) Read(input, layout);
        WireError error = Read(input, WireLayout.Current);
        if (error == WireError.None) Accepted++;
        else Refused[(int)error]++;
        if (input.Length > FrameHeader.Size && input[3] == (byte)FrameType.ProcessInfo) HoldAgainstOracle(input, error);
        return error;
    }

    private static void CutStream(byte[] input)
    {
        var decoder = new FrameDecoder(FrameRouter.DefaultMaxFrameSize);
        int expected = 0;
        while (decoder.TryRead(input, out WireSlice frame) == FrameStatus.Frame)
        {
            Assert.Equal(expected, frame.Offset);
            expected += frame.Length;
            FrameRouter.TryRoute(frame.Of(input), WireLayout.Current, FrameRouter.DefaultMaxFrameSize, out _);
        }
    }

    private WireError Read(byte[] input, WireLayout layout)
    {
        WireError error = FrameRouter.TryRoute(input, layout, FrameRouter.DefaultMaxFrameSize, out FrameRoute route);
        if (error != WireError.None) return error;
        ReadOnlySpan<byte> payload = input.AsSpan(FrameHeader.Size);
        _plain.ResetWrittenCount();
        _cached.ResetWrittenCount();
        switch (route.Type)
        {
            case FrameType.ProcessInfo:
                Assert.Equal(WireError.None, ProcessInfoView.TryParse(payload, layout, out ProcessInfoView process));
                Assert.True(process.JobId.SequenceEqual(route.JobId.Of(input)));
                ProcessJson.Write(_plain, process, default);
                ProcessJson.Write(_cached, process, new ProcessJsonOptions(JsonTimeUnit.Seconds, _cache));
                Assert.True(_plain.WrittenSpan.SequenceEqual(_cached.WrittenSpan));
                break;
            case FrameType.ProcessEnd:
                Assert.Equal(WireError.None, ProcessEndView.TryParse(payload, layout, out ProcessEndView end));
                ProcessEndJson.Write(_plain, end, default);
                break;
            case FrameType.JobStart:
                Assert.Equal(WireError.None, JobStartView.TryParse(payload, layout, out JobStartView jobStart));
                JobJson.WriteStart(_plain, jobStart, default);
                break;
            case FrameType.JobEnd:
                Assert.Equal(WireError.None, JobEndView.TryParse(payload, layout, out JobEndView jobEnd));
                JobJson.WriteEnd(_plain, jobEnd, default);
                break;
        }

        var reader = new Utf8JsonReader(_plain.WrittenSpan);
        while (reader.Read()) Assert.NotEqual(JsonTokenType.None, reader.TokenType);
        Assert.False(_plain.WrittenSpan.Contains((byte)'\n'));
        return error;
    }

    private static void HoldAgainstOracle(byte[] input, WireError error)
    {
        FrameHeader header = FrameHeader.Read(input);
        byte[] payload = input[FrameHeader.Size..];
        if (header.Type != (uint)FrameType.ProcessInfo || header.Length != payload.Length) return;
        ProcessInfo? expected = Oracle.Parse(ProcessInfo.Parser, payload, out bool onlyForUtf8);
        if (onlyForUtf8)
        {
            Assert.Equal(Oracle.AcceptsStructure(payload), error == WireError.None);
            return;
        }

        Assert.Equal(expected is not null, error == WireError.None);
        if (expected is null) return;
        ProcessInfoView.TryParse(payload, WireLayout.Current, out ProcessInfoView view);
        ProcessInfo read = Oracle.ToMessage(view);
        if (expected.HasTime) read.Time = view.TimeSeconds;
        Assert.Equal(expected, read);
    }
}
