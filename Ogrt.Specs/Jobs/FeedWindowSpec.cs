using Ogrt.Actors.Jobs;

namespace Ogrt.Specs.Jobs;

public class FeedWindowSpec
{
    private const int Large = 60_000;
    private readonly FeedWindow _window = new();

    private JobFrames? Add(string job, long first, long next, int bytes = Large) =>
        _window.Add(new JobFrames(job, Guid.Empty, -1, first, next, 1, new byte[bytes]), 0);

    [Fact]
    public void A_batch_names_its_predecessor_only_while_that_is_not_saved()
    {
        Assert.Equal(-1, Add("a", 0, 10)!.Previous);
        Assert.Equal(10, Add("a", 20, 30)!.Previous);
        _window.Acknowledge("a", 30, 0);
        Assert.Equal(-1, Add("a", 40, 50)!.Previous);
    }

    [Fact]
    public void The_cursor_goes_to_the_oldest_batch_that_is_not_saved()
    {
        Add("a", 0, 30);
        Add("b", 10, 20);
        Add("a", 40, 50);
        _window.Position = 60;
        Assert.Equal(0, _window.Cursor());

        _window.Acknowledge("b", 20, 0);
        Assert.Equal(0, _window.Cursor());
        _window.Acknowledge("a", 30, 0);
        Assert.Equal(40, _window.Cursor());
        _window.Acknowledge("a", 50, 0);
        Assert.Equal(60, _window.Cursor());
        Assert.Equal((0L, 0L, true), (_window.Unsaved, _window.InFlight, _window.IsEmpty));
    }

    [Fact]
    public void What_is_applied_is_not_on_its_way_any_more_and_holds_the_cursor_all_the_same()
    {
        Add("a", 0, 30);
        Add("a", 40, 50);
        _window.Position = 60;

        Assert.False(_window.Apply("a", 30, 0));
        Assert.Equal((Large, 2L * Large, 0L), (_window.InFlight, _window.Unsaved, _window.Cursor()));
        Assert.False(_window.Apply("a", 50, 0));
        Assert.Equal((0L, 2L * Large, 0L), (_window.InFlight, _window.Unsaved, _window.Cursor()));
    }

    [Fact]
    public void Half_a_batch_that_is_saved_moves_nothing()
    {
        Add("a", 0, 30);
        _window.Acknowledge("a", 29, 0);
        Assert.Equal((Large, Large, 0L), (_window.Unsaved, _window.InFlight, _window.Cursor()));
    }

    [Fact]
    public void Small_batches_are_remembered_together_but_do_not_grow_for_ever()
    {
        for (int i = 0; i < 100; i++)
            Add("a", i * 10, i * 10 + 5, 10);
        Assert.Single(_window.Find("a")!.Flying);

        // The snapshot was taken at the fiftieth; what comes after it waits for the next one, and not for 64 KiB to gather.
        _window.Acknowledge("a", 495, 0);
        Add("a", 1000, 1005, 10);
        Assert.Equal(2, _window.Find("a")!.Flying.Count);
        _window.Position = 1005;
        _window.Acknowledge("a", 995, 0);
        Assert.Equal(1000, _window.Cursor());
    }

    [Fact]
    public void Sending_again_begins_behind_what_the_job_has_and_at_the_oldest_without_a_predecessor()
    {
        Add("a", 0, 10);
        Add("a", 20, 30);
        Add("a", 40, 50);

        Assert.Equal(new FeedWindow.ReplayedJob(0, -1), _window.Replay("a", 0, 0));
        Assert.Equal(new FeedWindow.ReplayedJob(10, 10), _window.Replay("a", 10, 0));
        Assert.Null(_window.Replay("b", 10, 0));
    }

    [Fact]
    public void A_job_that_lost_what_it_had_applied_is_sent_it_again()
    {
        Add("a", 0, 10);
        Add("a", 20, 30);
        _window.Apply("a", 30, 0);

        Assert.Equal(new FeedWindow.ReplayedJob(10, 10), _window.Replay("a", 10, 0));
        Assert.Equal([20L], _window.Find("a")!.Flying.Select(batch => batch.First));
        Assert.Equal(0, _window.InFlight);
        _window.AddAgain("a", Large);
        Assert.Equal(Large, _window.InFlight);
        _window.Apply("a", 30, 0);
        Assert.Equal(0, _window.InFlight);
        _window.Acknowledge("a", 30, 0);
        Assert.True(_window.IsEmpty);
    }

    [Fact]
    public void A_job_that_does_not_answer_is_sent_nothing_and_takes_no_room_until_it_does()
    {
        Add("a", 0, 10);
        JobFrames question = _window.Ask(_window.Find("a")!, Guid.Empty, 0);
        Assert.Equal((0, 10L, 10L), (question.Count, question.Previous, question.Next));
        Assert.Equal(0, _window.InFlight);

        Assert.Null(Add("a", 20, 30));
        Assert.Equal((0L, 2L * Large), (_window.InFlight, _window.Unsaved));
        // It was only slow: what it was not sent meanwhile is to be read again.
        Assert.True(_window.Apply("a", 10, 0));
        Assert.Equal(new FeedWindow.ReplayedJob(10, 10), _window.Replay("a", 10, 0));
        Assert.Equal(30, Add("a", 40, 50)!.Previous);
    }

    [Fact]
    public void A_job_that_answers_without_a_gap_is_sent_nothing_again()
    {
        Add("a", 0, 10);
        _window.Ask(_window.Find("a")!, Guid.Empty, 0);
        Assert.False(_window.Apply("a", 10, 0));
        Assert.Equal(10, Add("a", 20, 30)!.Previous);
    }
}
