using System.Text;
using Ogrt.Wire;

namespace Ogrt.Specs.Wire;

public class JsonFragmentCacheSpec
{
    [Fact]
    public void A_text_is_found_by_the_bytes_that_it_was_made_from()
    {
        var cache = new JsonFragmentCache();
        Assert.False(cache.TryGet(1, "source"u8, out _));
        cache.Add(1, "source"u8, "text"u8);
        Assert.True(cache.TryGet(1, "source"u8, out ReadOnlySpan<byte> text));
        Assert.Equal("text", Encoding.UTF8.GetString(text));
        Assert.Equal((1, 1), (cache.Hits, cache.Misses));
    }

    [Fact]
    public void Equal_hashes_of_other_bytes_do_not_give_the_text()
    {
        var cache = new JsonFragmentCache();
        cache.Add(1, "source"u8, "text"u8);
        Assert.False(cache.TryGet(1, "Source"u8, out _));
        cache.Add(1, "Source"u8, "Text"u8);
        Assert.Equal(1, cache.Count);
        Assert.True(cache.TryGet(1, "Source"u8, out _));
        Assert.False(cache.TryGet(1, "source"u8, out _));
    }

    [Fact]
    public void It_never_holds_more_than_its_bound()
    {
        var cache = new JsonFragmentCache(10_000);
        for (ulong i = 0; i < 1_000; i++)
        {
            cache.Add(i, BitConverter.GetBytes(i), new byte[100]);
            Assert.InRange(cache.Bytes, 1, 10_000);
        }

        Assert.InRange(cache.Count, 20, 100);
        cache.Add(5_000, new byte[6_000], new byte[6_000]);
        Assert.False(cache.TryGet(5_000, new byte[6_000], out _));
        var none = new JsonFragmentCache(0);
        none.Add(1, "source"u8, "text"u8);
        Assert.Equal(0, none.Count);
    }

    [Fact]
    public void What_is_used_all_the_time_stays()
    {
        var cache = new JsonFragmentCache(10_000);
        cache.Add(0, "used"u8, "text"u8);
        for (ulong i = 1; i < 1_000; i++)
        {
            cache.Add(i, BitConverter.GetBytes(i), new byte[100]);
            Assert.True(cache.TryGet(0, "used"u8, out _));
        }

        Assert.False(cache.TryGet(1, BitConverter.GetBytes(1UL), out _));
    }

    [Fact]
    public void A_text_that_was_used_last_is_found_again_and_given_for_equal_bytes_only()
    {
        var cache = new JsonFragmentCache();
        foreach (string source in (string[])["source", "Source", "source of another length"])
        {
            byte[] bytes = Encoding.UTF8.GetBytes(source);
            Assert.False(cache.TryGet(bytes, out _, out ulong hash));
            cache.Add(hash, bytes, bytes);
        }

        foreach (string source in (string[])["source", "source", "Source", "source of another length", "source", "Source", "Source"])
        {
            Assert.True(cache.TryGet(Encoding.UTF8.GetBytes(source), out ReadOnlySpan<byte> text, out _));
            Assert.Equal(source, Encoding.UTF8.GetString(text));
        }

        Assert.False(cache.TryGet("sourcE"u8, out _, out _));
        Assert.Equal((7, 4), (cache.Hits, cache.Misses));
    }

    [Fact]
    public void What_is_used_all_the_time_stays_while_the_rest_goes()
    {
        var cache = new JsonFragmentCache(10_000);
        Assert.False(cache.TryGet("used"u8, out _, out ulong hash));
        cache.Add(hash, "used"u8, "text"u8);
        for (ulong i = 1; i < 1_000; i++)
        {
            byte[] source = BitConverter.GetBytes(i);
            Assert.False(cache.TryGet(source, out _, out hash));
            cache.Add(hash, source, new byte[100]);
            Assert.True(cache.TryGet("used"u8, out ReadOnlySpan<byte> text, out _));
            Assert.Equal("text", Encoding.UTF8.GetString(text));
            Assert.InRange(cache.Bytes, 1, 10_000);
        }

        Assert.False(cache.TryGet(BitConverter.GetBytes(1UL), out _, out _));
    }

    [Fact]
    public void A_negative_bound_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new JsonFragmentCache(-1));
}
