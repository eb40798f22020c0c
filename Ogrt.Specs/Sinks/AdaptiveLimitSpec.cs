using CsCheck;
using Ogrt.Sinks.Delivery;

namespace Ogrt.Specs.Sinks;

public sealed class AdaptiveLimitSpec
{
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(100);

    private TimeSpan _now;

    [Fact]
    public void It_rises_by_one_a_round_trip_while_it_is_used_up_and_ends_at_the_most()
    {
        var limit = new AdaptiveLimit(most: 6, start: 2);
        var seen = new List<int>();
        for (int n = 0; n < 8; n++)
        {
            Answer(limit, Usual);
            seen.Add(limit.Current);
        }
        Assert.Equal([2, 3, 4, 5, 6, 6, 6, 6], seen);
    }

    [Fact]
    public void It_stays_where_it_is_when_there_is_not_enough_to_send()
    {
        var limit = new AdaptiveLimit(most: 6, start: 2);
        for (int n = 0; n < 20; n++)
            Answer(limit, Usual, usedUp: false);
        Assert.Equal(2, limit.Current);
    }

    [Fact]
    public void Pressure_lowers_it_down_to_one_and_never_below()
    {
        var limit = new AdaptiveLimit(most: 50, start: 50);
        Answer(limit, Usual, pressed: true);
        Assert.Equal(45, limit.Current);
        for (int n = 0; n < 100; n++)
            Answer(limit, Usual, pressed: true);
        Assert.Equal(1, limit.Current);
    }

    [Fact]
    public void Answers_that_slow_down_lower_it_and_the_scheduler_s_noise_does_not()
    {
        var limit = new AdaptiveLimit(most: 20, start: 20);
        for (int n = 0; n < 20; n++)
            Answer(limit, Usual + TimeSpan.FromMilliseconds(n % 3));
        Assert.Equal(20, limit.Current);
        Answer(limit, Usual * 5);
        Assert.Equal(18, limit.Current);
    }

    [Fact]
    public void The_answers_of_one_burst_count_as_one()
    {
        var limit = new AdaptiveLimit(most: 50, start: 50);
        Answer(limit, Usual);
        _now += Usual;
        for (int n = 0; n < 30; n++)
            limit.Answered(_now, Usual, pressed: true, usedUp: true);
        // The first ends its round trip; the others belong to the next one, which has not ended.
        Assert.Equal(45, limit.Current);
    }

    [Fact]
    public void It_is_between_one_and_the_most_whatever_comes()
    {
        Gen.Select(Gen.Int[1, 64], Gen.Int[0, 100], Gen.Select(Gen.Int[0, 5000], Gen.Bool, Gen.Bool, Gen.Int[0, 1000]).Array[0, 300])
            .Sample((most, start, answers) =>
            {
                var limit = new AdaptiveLimit(most, start);
                TimeSpan now = TimeSpan.Zero;
                foreach ((int took, bool pressed, bool usedUp, int later) in answers)
                {
                    now += TimeSpan.FromMilliseconds(later);
                    limit.Answered(now, TimeSpan.FromMilliseconds(took), pressed, usedUp);
                    Assert.InRange(limit.Current, 1, most);
                }
            });
    }

    private void Answer(AdaptiveLimit limit, TimeSpan took, bool pressed = false, bool usedUp = true)
    {
        _now += TimeSpan.FromSeconds(1);
        limit.Answered(_now, took, pressed, usedUp);
    }
}
