using Ogrt.Actors.Jobs;

namespace Ogrt.Specs.Jobs;

public class FeedWindowSpec
{
    private readonly FeedWindow _window = new();

    private JobFrames Add(string job, long first, long next) =>
        _window.Add(new JobFrames(job, Guid.Empty, -1, first, next, 1, new byte[10]), 0);

    [Fact]
    public void A_batch_names_its_predecessor_only_while_that_is_unacknowledged()
    {
        Assert.Equal(-1, Add("a", 0, 10).Previous);
        Assert.Equal(10, Add("a", 20, 30).Previous);
        _window.Acknowledge("a", 30, 0);
        Assert.Equal(-1, Add("a", 40, 50).Previous);
    }

    [Fact]
    public void The_cursor_goes_to_the_oldest_unacknowledged_batch()
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
        Assert.Equal((0L, 0), (_window.Bytes, _window.Count));
    }

    [Fact]
    public void An_acknowledgement_of_half_a_batch_acknowledges_nothing_of_it()
    {
        Add("a", 0, 30);
        _window.Acknowledge("a", 29, 0);
        Assert.Equal(10, _window.Bytes);
    }

    [Fact]
    public void What_is_sent_again_is_what_lies_behind_the_offset_and_the_oldest_needs_no_predecessor()
    {
        Add("a", 0, 10);
        Add("a", 20, 30);
        Add("a", 40, 50);

        Assert.Equal([(0L, -1L), (20L, 10L), (40L, 30L)], _window.Resend("a", 0, 0).Select(f => (f.First, f.Previous)));
        Assert.Equal([(20L, 10L), (40L, 30L)], _window.Resend("a", 10, 0).Select(f => (f.First, f.Previous)));
    }
}
