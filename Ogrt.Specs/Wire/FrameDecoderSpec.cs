using CsCheck;
using Ogrt.Wire;

namespace Ogrt.Specs.Wire;

public class FrameDecoderSpec
{
    private static readonly Gen<byte[]> Frame = Gen.Select(
        Gen.OneOf(Gen.Const(12u), Gen.UInt), Gen.Byte.Array[0, 300], (type, payload) => WireGen.Frame(type, payload));

    [Fact]
    public void Frames_split_over_reads_at_random_come_out_whole_and_in_order() => Gen.Select(
        Frame.Array[0, 8], Gen.Int[1, 400].Array[1, 12]).Sample((frames, reads) =>
    {
        byte[] stream = [.. frames.SelectMany(f => f)];
        List<byte[]> cut = Cut(stream, reads, maxFrameSize: 300, out int left);
        Assert.Equal(frames.Length, cut.Count);
        for (int i = 0; i < frames.Length; i++) Assert.Equal(frames[i], cut[i]);
        Assert.Equal(0, left);
    }, iter: 2_000);

    [Fact]
    public void A_frame_cut_off_is_no_frame_and_is_kept_for_later() => Gen.Select(
        Frame, Gen.Int[1, 400].Array[1, 4], Gen.Int[0, 1000]).Sample((frame, reads, where) =>
    {
        byte[] stream = frame[..(where % frame.Length)];
        Assert.Empty(Cut(stream, reads, maxFrameSize: 300, out int left));
        Assert.Equal(stream.Length, left);
    }, iter: 1_000);

    [Theory]
    [InlineData(301u)]
    [InlineData(0x8000_0000u)]
    [InlineData(uint.MaxValue)]
    public void A_length_over_the_limit_is_an_error_as_soon_as_the_header_is_there(uint length)
    {
        byte[] buffer = [.. WireGen.Frame(12, 1, 2), 0, 0, 0, 12, 0, 0, 0, 0];
        new FrameHeader(12, length).Write(buffer.AsSpan(10));
        var decoder = new FrameDecoder(300);
        Assert.Equal(FrameStatus.Frame, decoder.TryRead(buffer, out _));
        Assert.Equal(FrameStatus.NeedMore, decoder.TryRead(buffer.AsSpan(0, 17), out _));
        Assert.Equal(FrameStatus.Error, decoder.TryRead(buffer, out WireSlice frame));
        Assert.Equal(default, frame);
        Assert.Equal(WireError.TooLong, decoder.Error);
        Assert.Equal(FrameStatus.Error, decoder.TryRead(buffer, out _));
    }

    [Fact]
    public void A_frame_of_length_0_or_unknown_type_does_not_stop_the_stream()
    {
        byte[] buffer = [.. WireGen.Frame(12), .. WireGen.Frame(99, 1), .. WireGen.Frame(12, 0xe8, 0x12, 1)];
        var decoder = new FrameDecoder(300);
        Assert.Equal(FrameStatus.Frame, decoder.TryRead(buffer, out WireSlice empty));
        Assert.Equal(WireError.Empty, FrameRouter.TryRoute(empty.Of(buffer), WireLayout.Current, 300, out _));
        Assert.Equal(FrameStatus.Frame, decoder.TryRead(buffer, out WireSlice unknown));
        Assert.Equal(WireError.UnknownType, FrameRouter.TryRoute(unknown.Of(buffer), WireLayout.Current, 300, out _));
        Assert.Equal(FrameStatus.Frame, decoder.TryRead(buffer, out WireSlice good));
        Assert.Equal(WireError.None, FrameRouter.TryRoute(good.Of(buffer), WireLayout.Current, 300, out _));
        Assert.Equal(FrameStatus.NeedMore, decoder.TryRead(buffer, out _));
        Assert.Equal(FrameHeader.Size, decoder.Needed);
    }

    [Fact]
    public void It_says_how_much_room_the_next_frame_needs()
    {
        byte[] frame = WireGen.Frame(12, new byte[250]);
        var decoder = new FrameDecoder(300);
        Assert.Equal(FrameStatus.NeedMore, decoder.TryRead(frame.AsSpan(0, 7), out _));
        Assert.Equal(8, decoder.Needed);
        Assert.Equal(FrameStatus.NeedMore, decoder.TryRead(frame.AsSpan(0, 8), out _));
        Assert.Equal(258, decoder.Needed);
        Assert.Equal(FrameStatus.NeedMore, decoder.TryRead(frame.AsSpan(0, 257), out _));
        Assert.Equal(FrameStatus.Frame, decoder.TryRead(frame, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void A_limit_that_no_buffer_can_hold_is_refused(int limit) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameDecoder(limit));

    [Fact]
    public void A_header_is_big_endian()
    {
        byte[] bytes = new byte[8];
        new FrameHeader(12, 0x01020304).Write(bytes);
        Assert.Equal([0, 0, 0, 12, 1, 2, 3, 4], bytes);
        Assert.Equal(new FrameHeader(12, 0x01020304), FrameHeader.Read(bytes));
        Assert.True(FrameHeader.Read(bytes).IsKnownType);
        Assert.False(new FrameHeader(0, 1).IsKnownType);
        Assert.False(new FrameHeader(16, 1).IsKnownTypeOf(WireLayout.V03));
    }

    // What a connection does: read into the buffer's free part, take the frames, move the rest to the front.
    private static List<byte[]> Cut(byte[] stream, int[] reads, int maxFrameSize, out int left)
    {
        var frames = new List<byte[]>();
        byte[] buffer = new byte[maxFrameSize + FrameHeader.Size];
        var decoder = new FrameDecoder(maxFrameSize);
        int filled = 0;
        int sent = 0;
        for (int i = 0; sent < stream.Length; i++)
        {
            int size = Math.Min(Math.Min(reads[i % reads.Length], stream.Length - sent), buffer.Length - filled);
            stream.AsSpan(sent, size).CopyTo(buffer.AsSpan(filled));
            sent += size;
            filled += size;
            while (decoder.TryRead(buffer.AsSpan(0, filled), out WireSlice frame) == FrameStatus.Frame)
                frames.Add(frame.Of(buffer).ToArray());
            Assert.Equal(WireError.None, decoder.Error);
            Assert.True(decoder.Needed <= buffer.Length);
            buffer.AsSpan(decoder.Consumed, filled - decoder.Consumed).CopyTo(buffer);
            filled -= decoder.Consumed;
            decoder.Rewind();
        }

        left = filled;
        return frames;
    }
}
