using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Ogrt.Server.Cli.Watch;

namespace Ogrt.Server.Cli.Top;

/// <summary>
/// <c>ogrt-server top</c> on a terminal. Looks at the server, keys and changes of size come by one bounded queue from where each of them
/// is waited for, so that a server that answers slowly does not hold up a key.
/// </summary>
internal sealed class TopProgram(ServerWatch watch, Terminal terminal, TopState state, TimeSpan delay, int count)
{
    private const int KeyWait = 100;

    // SIGWINCH and SIGCONT by their numbers of Linux: the names are not known on every system that this is compiled for.
    private const PosixSignal WindowChanged = (PosixSignal)28, Continued = (PosixSignal)18;
    private static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(100), LongestDelay = TimeSpan.FromHours(1), FirstDelay = TimeSpan.FromMilliseconds(300);

    // Keys wait; the thread that reads them is the only one that is held up.
    private readonly Channel<object> _events = Channel.CreateBounded<object>(new BoundedChannelOptions(64) { SingleReader = true });
    private readonly TopRenderer _renderer = new(state, terminal.Unicode);
    private long _delayTicks = delay.Ticks;
    private volatile bool _ended;

    /// <summary>Runs until it is quitted or stopped.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        // Who may not look, or has no server, is told before the screen is taken.
        TopSample sample = TopSample.Next(await watch.OverviewAsync(TopLimits.Jobs, TopLimits.Nodes, cancel), null);
        using var screen = new RawTerminal(terminal.Output);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using PosixSignalRegistration resized = PosixSignalRegistration.Create(WindowChanged, _ => Post(new Resized()));
        using PosixSignalRegistration continued = PosixSignalRegistration.Create(Continued, _ =>
        {
            screen.Continued();
            Post(new Resumed());
        });
        // The terminal has been closed: there is nothing left to restore, and nobody to show anything to.
        using PosixSignalRegistration hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            Post(new TopKey("f10"));
        });
        bool terminated = false;
        using PosixSignalRegistration toEnd = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            terminated = true;
            Post(new TopKey("interrupt"));
        });
        try
        {
            screen.Enter();
            var keys = new Thread(ReadKeys) { IsBackground = true, Name = "top-keys" };
            keys.Start();
            Task looks = LookAsync(sample, ending.Token);
            int code = await ShowAsync(screen, sample, cancel);
            await ending.CancelAsync();
            await looks;
            return terminated ? ExitCode.Terminated : code;
        }
        catch (OperationCanceledException) when (terminated)
        {
            return ExitCode.Terminated;
        }
        finally
        {
            _ended = true;
            screen.Leave();
        }
    }

    private async Task<int> ShowAsync(RawTerminal screen, TopSample first, CancellationToken cancel)
    {
        TopSample shown = first;
        long shownAt = Stopwatch.GetTimestamp();
        string? connection = null;
        int looks = 1;
        Draw(screen, shown, connection, shownAt);
        await foreach (object happened in _events.Reader.ReadAllAsync(cancel))
        {
            switch (happened)
            {
                case TopSample next:
                    connection = null;
                    if (!state.Paused) (shown, shownAt) = (next, Stopwatch.GetTimestamp());
                    if (count > 0 && ++looks >= count)
                    {
                        Draw(screen, shown, connection, shownAt);
                        return ExitCode.Ok;
                    }
                    break;
                case Lost lost:
                    connection = lost.Why;
                    break;
                case Refused refused:
                    throw refused.Error;
                case Resumed:
                    screen.Reclaim();
                    break;
                case Resized:
                    screen.Forget();
                    break;
                case TopKey key:
                    int columns = new TopTables(shown, state.Raw).Of(state.Screen).Columns.Count;
                    TopAction action = TopKeys.Apply(key, state, columns, Math.Max(1, RawTerminal.Size.Height - TopRenderer.LinesAbove - 2));
                    if (action == TopAction.Quit) return ExitCode.Ok;
                    if (action == TopAction.Interrupt) return ExitCode.Interrupted;
                    Act(screen, action);
                    break;
            }
            Draw(screen, shown, connection, shownAt);
        }
        return ExitCode.Ok;
    }

    private void Act(RawTerminal screen, TopAction action)
    {
        switch (action)
        {
            case TopAction.Suspend:
                screen.Suspend();
                break;
            case TopAction.Redraw:
                screen.Forget();
                break;
            case TopAction.Slower or TopAction.Faster:
                long ticks = action == TopAction.Slower ? Interlocked.Read(ref _delayTicks) * 2 : Interlocked.Read(ref _delayTicks) / 2;
                Interlocked.Exchange(ref _delayTicks, Math.Clamp(ticks, ShortestDelay.Ticks, LongestDelay.Ticks));
                break;
        }
    }

    private void Draw(RawTerminal screen, TopSample sample, string? connection, long shownAt)
    {
        (int width, int height) = RawTerminal.Size;
        List<TopLine> lines = _renderer.Screen(sample, width, height, connection, Stopwatch.GetElapsedTime(shownAt));
        string mark = terminal.Unicode ? "…" : "+";
        screen.Draw([.. lines.Select((line, i) => line.Render(width, terminal.Colour, mark, dim: connection is not null && i > 0))]);
    }

    private async Task LookAsync(TopSample last, CancellationToken cancel)
    {
        // The first look has no rates yet; the second comes soon.
        TimeSpan wait = TimeSpan.FromTicks(Math.Min(FirstDelay.Ticks, Interlocked.Read(ref _delayTicks)));
        try
        {
            while (true)
            {
                await Task.Delay(wait, cancel);
                wait = TimeSpan.FromTicks(Interlocked.Read(ref _delayTicks));
                try
                {
                    last = TopSample.Next(await watch.OverviewAsync(TopLimits.Jobs, TopLimits.Nodes, cancel), last);
                    await _events.Writer.WriteAsync(last, cancel);
                }
                catch (CliException e) when (e.ExitCode is ExitCode.Unavailable or ExitCode.TryLater)
                {
                    await _events.Writer.WriteAsync(new Lost("NO SERVER ANSWERS, reconnecting"), cancel);
                }
                catch (CliException e)
                {
                    await _events.Writer.WriteAsync(new Refused(e), cancel);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }
    }

    private void ReadKeys()
    {
        Span<byte> bytes = stackalloc byte[256];
        while (!_ended)
        {
            int read = RawTerminal.Read(bytes, KeyWait);
            if (read < 0)
            {
                Post(new TopKey("f10"));
                return;
            }
            foreach (TopKey key in KeyParser.Parse(bytes[..read]))
            {
                // Waits while the screen is behind: keys are not lost, and not more of them are kept.
                if (!_events.Writer.TryWrite(key) && !_events.Writer.WriteAsync(key).AsTask().Wait(TimeSpan.FromSeconds(1))) break;
            }
        }
    }

    private void Post(object happened) => _events.Writer.TryWrite(happened);

    private sealed record Resized;

    private sealed record Resumed;

    private sealed record Lost(string Why);

    private sealed record Refused(CliException Error);
}
