using Ogrt.Sinks;
using Ogrt.Sinks.Delivery;

namespace Ogrt.Specs.Sinks;

public sealed class SendSlotsSpec
{
    [Fact]
    public async Task No_more_bytes_are_under_way_than_the_settings_allow()
    {
        var slots = Slots("max-in-flight = 10, max-in-flight-bytes = 100, adaptive-concurrency = off");
        SendSlot first = await slots.EnterAsync(60, CancellationToken.None);
        ValueTask<SendSlot> second = slots.EnterAsync(60, CancellationToken.None);
        // The order is that of asking, so that a large request is not passed by small ones for ever.
        ValueTask<SendSlot> third = slots.EnterAsync(1, CancellationToken.None);
        Assert.Equal((false, false), (second.IsCompleted, third.IsCompleted));
        slots.Leave(first);
        Assert.Equal(60, (await second).Bytes);
        Assert.Equal(1, (await third).Bytes);
    }

    [Fact]
    public async Task A_request_larger_than_the_limit_goes_alone()
    {
        var slots = Slots("max-in-flight = 10, max-in-flight-bytes = 100, adaptive-concurrency = off");
        SendSlot small = await slots.EnterAsync(1, CancellationToken.None);
        ValueTask<SendSlot> large = slots.EnterAsync(1000, CancellationToken.None);
        Assert.False(large.IsCompleted);
        slots.Leave(small);
        SendSlot taken = await large;
        ValueTask<SendSlot> next = slots.EnterAsync(1, CancellationToken.None);
        Assert.False(next.IsCompleted);
        slots.Leave(taken);
        await next;
    }

    [Fact]
    public async Task Who_waits_at_a_stop_is_told_and_takes_no_room()
    {
        var slots = Slots("max-in-flight = 1, adaptive-concurrency = off");
        SendSlot first = await slots.EnterAsync(1, CancellationToken.None);
        using var stopping = new CancellationTokenSource();
        Task<SendSlot> waiting = slots.EnterAsync(1, stopping.Token).AsTask();
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        slots.Leave(first);
        await slots.EnterAsync(1, CancellationToken.None);
    }

    [Fact]
    public async Task A_target_under_pressure_gets_fewer_requests_at_the_same_time()
    {
        var slots = Slots("max-in-flight = 8");
        Assert.Equal(2, slots.Limit);
        for (int n = 0; n < 40 && slots.Limit > 1; n++)
            slots.Leave(await slots.EnterAsync(1, CancellationToken.None), TimeSpan.Zero, pressed: true);
        Assert.Equal(1, slots.Limit);
    }

    private static SendSlots Slots(string settings)
    {
        (SinkServer server, _) = ScriptedServer.Create(settings);
        SinkSettings one = server.Settings.Single(s => s.Name == "one");
        _ = server.DisposeAsync().AsTask();
        return new SendSlots(one);
    }
}
