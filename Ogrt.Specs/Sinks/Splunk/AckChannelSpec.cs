using System.Text;
using Ogrt.Sinks.Splunk.Acknowledgements;

namespace Ogrt.Specs.Sinks.Splunk;

public sealed class AckChannelSpec
{
    private readonly AckChannel _channel = new(TimeProvider.System);

    [Fact]
    public void What_is_indexed_is_acknowledged_once()
    {
        PendingAck pending = Taken(1);
        Assert.True(_channel.Indexed(pending));
        Assert.Equal(AckOutcome.Acknowledged, Outcome(pending));
        Assert.False(_channel.Indexed(pending));
        Assert.Equal(0, _channel.Count);
    }

    [Fact]
    public void The_word_counts_only_when_all_that_was_under_way_has_its_answer()
    {
        PendingAck pending = Taken(1);
        AckPost second = _channel.Begin(), third = _channel.Begin();
        Assert.True(_channel.Indexed(pending));
        Assert.Null(Outcome(pending));
        Assert.Empty(_channel.Unanswered());
        // What begins after the word has no say in it.
        AckPost later = _channel.Begin();
        _channel.Taken(third, 3);
        Assert.Null(Outcome(pending));
        _channel.Refused(second);
        Assert.Equal(AckOutcome.Acknowledged, Outcome(pending));
        Assert.NotNull(_channel.Taken(later, 4));
    }

    [Fact]
    public void After_a_suspicion_the_oldest_is_given_up_and_the_others_wait_for_what_its_new_number_tells()
    {
        PendingAck oldest = Taken(1), other = Taken(2);
        Assert.True(_channel.Suspect());
        Assert.Equal(AckOutcome.Ambiguous, Outcome(oldest));
        Assert.Null(Outcome(other));
        // Numbers go on: there was no restart, and what waits goes on waiting.
        PendingAck again = Taken(3);
        Assert.Equal((null, false), (Outcome(other), _channel.IsBroken));
        // They began again: nothing of what waits is certain.
        Assert.Null(_channel.Taken(_channel.Begin(), 1));
        Assert.Equal((AckOutcome.Ambiguous, AckOutcome.Ambiguous), (Outcome(other), Outcome(again)));
        Assert.False(_channel.Suspect());
    }

    [Fact]
    public void Numbers_that_begin_again_confirm_nothing()
    {
        Taken(0);
        PendingAck waits = Taken(1);
        AckPost afterRestart = _channel.Begin();
        // The restarted collector has given 1 out once more, and indexed it, before its answer is here.
        _channel.Indexed(waits);
        Assert.Null(_channel.Taken(afterRestart, 1));
        Assert.Equal(AckOutcome.Ambiguous, Outcome(waits));
        Assert.True(_channel.IsBroken);
        Assert.Equal(0, _channel.Count);
    }

    [Fact]
    public void A_number_below_one_given_out_before_the_request_began_shows_it_as_well()
    {
        PendingAck waits = Taken(7);
        Assert.Null(_channel.Taken(_channel.Begin(), 3));
        Assert.Equal(AckOutcome.Ambiguous, Outcome(waits));
    }

    [Fact]
    public void Answers_may_come_in_another_order_than_numbers()
    {
        AckPost first = _channel.Begin(), second = _channel.Begin();
        Assert.NotNull(_channel.Taken(second, 2));
        Assert.NotNull(_channel.Taken(first, 1));
        Assert.False(_channel.IsBroken);
    }

    [Fact]
    public void Numbers_that_begin_again_while_nothing_waits_are_new_ones()
    {
        PendingAck old = Taken(5);
        _channel.Indexed(old);
        PendingAck? again = _channel.Taken(_channel.Begin(), 1);
        Assert.NotNull(again);
        Assert.NotNull(_channel.Taken(_channel.Begin(), 2));
        Assert.True(_channel.Indexed(again));
        Assert.Equal(AckOutcome.Acknowledged, Outcome(again));
    }

    [Fact]
    public void A_request_without_an_answer_makes_all_uncertain()
    {
        PendingAck waits = Taken(1);
        AckPost underWay = _channel.Begin();
        _channel.Begin();
        _channel.Unknown();
        Assert.Equal(AckOutcome.Ambiguous, Outcome(waits));
        Assert.Null(_channel.Taken(underWay, 9));
    }

    [Fact]
    public void What_nobody_hears_of_runs_out_alone()
    {
        PendingAck waits = Taken(1);
        Assert.False(_channel.Expire(TimeSpan.FromHours(1)));
        Assert.True(_channel.Expire(TimeSpan.Zero));
        Assert.Equal(AckOutcome.TimedOut, Outcome(waits));
        Assert.False(_channel.IsBroken);
    }

    [Theory]
    [InlineData("""{"acks":{"1":true,"2":false,"3":"true","4":1,"x":true,"-1":true}}""", "-1,1")]
    [InlineData("""{"acks":{}}""", "")]
    [InlineData("""{"acks":[1]}""", null)]
    [InlineData("""{"text":"ACK is disabled","code":14}""", null)]
    [InlineData("""{"acks":{"1":true""", null)]
    [InlineData("[]", null)]
    [InlineData("", null)]
    public void An_answer_says_what_is_indexed_or_nothing(string body, string? ids)
    {
        HashSet<long>? indexed = AckAnswer.Read(Encoding.UTF8.GetBytes(body));
        Assert.Equal(ids, indexed is null ? null : string.Join(',', indexed.Order()));
        Assert.Equal("{\"acks\":[1,20]}", Encoding.ASCII.GetString(AckAnswer.Ask([1, 20])));
    }

    private PendingAck Taken(long id) => _channel.Taken(_channel.Begin(), id)!;

    private static AckOutcome? Outcome(PendingAck pending) => pending.Outcome.IsCompleted ? pending.Outcome.Result : null;
}
