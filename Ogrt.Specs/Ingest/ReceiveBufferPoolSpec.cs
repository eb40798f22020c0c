using CsCheck;
using Ogrt.Actors.Ingest;

namespace Ogrt.Specs.Ingest;

public sealed class ReceiveBufferPoolSpec
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_asks_for_more_than_there_is_waits_in_turn()
    {
        var pool = new ReceiveBufferPool(4096);
        byte[] first = await pool.RentAsync(4096, Cancelled);
        Task<byte[]> second = pool.RentAsync(2048, Cancelled).AsTask();
        Task<byte[]> third = pool.RentAsync(2048, Cancelled).AsTask();
        Assert.False(second.IsCompleted);
        Assert.False(pool.TryRent(16, out _));

        pool.Return(first);
        pool.Return(await second);
        pool.Return(await third);
        Assert.Equal(0, pool.RentedBytes);
        Assert.Equal(0, pool.RentedBuffers);
    }

    [Fact]
    public async Task A_cancelled_wait_takes_nothing_and_lets_the_next_one_on()
    {
        var pool = new ReceiveBufferPool(4096);
        byte[] first = await pool.RentAsync(2048, Cancelled);
        using var cancel = new CancellationTokenSource();
        Task<byte[]> large = pool.RentAsync(4096, cancel.Token).AsTask();
        Task<byte[]> small = pool.RentAsync(1024, Cancelled).AsTask();
        Assert.False(small.IsCompleted);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        pool.Return(await small);
        pool.Return(first);
        Assert.Equal(0, pool.RentedBytes);
    }

    [Fact]
    public async Task One_buffer_larger_than_the_limit_is_given_when_no_other_is_out()
    {
        var pool = new ReceiveBufferPool(1024);
        byte[] large = await pool.RentAsync(100_000, Cancelled);
        Assert.True(large.Length >= 100_000);
        Assert.False(pool.TryRent(16, out _));
        pool.Return(large);
        Assert.True(pool.TryRent(16, out byte[]? small));
        pool.Return(small);
    }

    [Fact]
    public void A_smaller_buffer_keeps_what_was_in_the_larger_one()
    {
        var pool = new ReceiveBufferPool(65536);
        Assert.True(pool.TryRent(65536, out byte[]? large));
        "begin"u8.CopyTo(large);
        byte[] small = pool.Shrink(large, 5, 100);
        Assert.Equal("begin"u8, small.AsSpan(0, 5));
        Assert.Equal(128, pool.RentedBytes);
        pool.Return(small);
        Assert.Equal(0, pool.RentedBuffers);
    }

    [Fact]
    public async Task The_limit_holds_and_all_is_returned_whatever_the_order()
    {
        await Gen.Select(Gen.Int[1, 5000], Gen.Int[0, 3]).Array[1, 60].SampleAsync(async requests =>
        {
            const long limit = 16384;
            var pool = new ReceiveBufferPool(limit);
            await Task.WhenAll(requests.Select(async request =>
            {
                using var cancel = new CancellationTokenSource();
                ValueTask<byte[]> rent = pool.RentAsync(request.Item1, cancel.Token);
                if (request.Item2 == 0) await cancel.CancelAsync();
                try
                {
                    byte[] buffer = await rent;
                    Assert.InRange(pool.RentedBytes, 1, limit);
                    await Task.Yield();
                    pool.Return(buffer);
                }
                catch (OperationCanceledException)
                {
                    Assert.Equal(0, request.Item2);
                }
            }));
            Assert.Equal(0, pool.RentedBytes);
            Assert.Equal(0, pool.RentedBuffers);
        }, iter: 300);
    }
}
