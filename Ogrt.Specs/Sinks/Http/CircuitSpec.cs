using Ogrt.Sinks.Endpoints;
using Ogrt.Specs.Ingest;

namespace Ogrt.Specs.Sinks.Http;

public sealed class CircuitSpec
{
    private readonly ManualTime _time = new();
    private readonly Circuit _circuit;

    public CircuitSpec() => _circuit = new Circuit(3, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4), _time);

    [Fact]
    public void It_opens_after_that_many_failures_in_a_row()
    {
        Fail(2);
        _circuit.Succeeded(_circuit.TryEnter()!.Value);
        Fail(2);
        Assert.False(_circuit.IsOpen);
        Fail(1);
        Assert.True(_circuit.IsOpen);
        Assert.Null(_circuit.TryEnter());
    }

    [Fact]
    public void When_its_time_is_over_one_request_tries_and_its_success_lets_the_others_in()
    {
        Fail(3);
        _time.Advance(TimeSpan.FromSeconds(1.1));

        CircuitPermit? probe = _circuit.TryEnter();
        Assert.True(probe!.Value.IsProbe);
        Assert.Null(_circuit.TryEnter());
        _circuit.Succeeded(probe.Value);

        Assert.False(_circuit.IsOpen);
        Assert.False(_circuit.TryEnter()!.Value.IsProbe);
    }

    [Fact]
    public void A_probe_that_fails_doubles_the_time_up_to_the_bound()
    {
        Fail(3);
        foreach (double seconds in new[] { 1.0, 2, 4, 4 })
        {
            _time.Advance(TimeSpan.FromSeconds(seconds - 0.1));
            Assert.Null(_circuit.TryEnter());
            _time.Advance(TimeSpan.FromSeconds(0.2));
            _circuit.Failed(_circuit.TryEnter()!.Value);
        }
    }

    [Fact]
    public void An_answer_to_a_request_from_before_does_not_close_it()
    {
        CircuitPermit early = _circuit.TryEnter()!.Value;
        Fail(3);
        _circuit.Succeeded(early);
        Assert.True(_circuit.IsOpen);
    }

    [Fact]
    public void The_answer_to_a_forced_request_closes_it()
    {
        Fail(3);
        _circuit.Succeeded(new CircuitPermit(IsProbe: false, IsForced: true));
        Assert.False(_circuit.IsOpen);
    }

    private void Fail(int times)
    {
        for (int n = 0; n < times; n++)
            _circuit.Failed(_circuit.TryEnter()!.Value);
    }
}
