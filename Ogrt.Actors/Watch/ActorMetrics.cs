using System.Diagnostics.Metrics;
using Akka.Actor;

namespace Ogrt.Actors.Watch;

/// <summary>The counters of all kinds of actors of a node, as instruments of the meter <c>Ogrt.Actors</c>.</summary>
public sealed class ActorMetrics : IDisposable
{
    /// <summary>The name of the watching actor.</summary>
    public const string ActorName = "actor-watch";

    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(2);

    private readonly Meter _meter = new("Ogrt.Actors");
    private readonly ActorCounters[] _counters;
    private readonly Func<ActorWork>?[] _sources = new Func<ActorWork>?[ActorKinds.All.Count];
    private readonly ActorSettings? _settings;
    private volatile IReadOnlyList<KindSample> _sample = [.. ActorKinds.All.Select(KindSample.None)];
    private IActorRef? _watch;

    /// <summary>Registers the instruments.</summary>
    /// <param name="settings">Null for counters that count nothing.</param>
    public ActorMetrics(ActorSettings? settings)
    {
        _settings = settings;
        _counters = [.. ActorKinds.All.Select(_ => new ActorCounters(settings?.Enabled == true))];
        if (settings is not { Enabled: true }) return;
        Gauge("ogrt_actor_live", "{actor}", "Actors that live on this node.", s => s.Live);
        Gauge("ogrt_actor_mailbox_messages", "{message}", "Messages in the mailboxes of these actors.", s => s.Messages);
        Gauge("ogrt_actor_mailbox_deepest_messages", "{message}", "Messages in the fullest of these mailboxes.", s => s.Deepest);
        _meter.CreateObservableGauge("ogrt_actor_wait_seconds", () => Sample.Where(s => s.Live > 0 && s.Kind != ActorKind.Other)
            .Select(s => new Measurement<double>(s.Wait.TotalSeconds, Label(s.Kind))), "s",
            "How long a message waited for its turn, sampled at the actor with the fullest mailbox.");
        Counter("ogrt_actor_handled_total", "{message}", "Messages, or batches, that were handled.", (kind, _) => WorkOf(kind).Handled, ActorKinds.Counting);
        _meter.CreateObservableCounter("ogrt_actor_handling_seconds_total",
            () => ActorKinds.Counting.Where(kind => kind != ActorKind.Region).Select(kind => new Measurement<double>(WorkOf(kind).Time.TotalSeconds, Label(kind))), "s", "Time spent in handling them.");
        Counter("ogrt_actor_restarts_total", "{restart}", "Actors that were restarted after they had failed.", (kind, _) => WorkOf(kind).Restarts, ActorKinds.Counting);
        Counter("ogrt_actor_unhandled_total", "{message}", "Messages that no handler took.", (_, counters) => counters.Unhandled, ActorKinds.All);
        Counter("ogrt_actor_dead_letters_total", "{message}", "Messages to actors that were not there any more.", (_, counters) => counters.DeadLetters, ActorKinds.All);
    }

    /// <summary>How the kinds stood when they were last looked at.</summary>
    public IReadOnlyList<KindSample> Sample
    {
        get => _sample;
        internal set => _sample = value;
    }

    /// <summary>The counters of a kind.</summary>
    public ActorCounters this[ActorKind kind] => _counters[(int)kind];

    /// <summary>Begins to look at the mailboxes of a system.</summary>
    public void Watch(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        if (_settings is { Enabled: true } settings) _watch = system.ActorOf(Props.Create(() => new ActorWatch(this, settings.Interval)), ActorName);
    }

    /// <summary>Takes what the actors of a kind have done from somebody who counts it already.</summary>
    public void Take(ActorKind kind, Func<ActorWork> source) => Volatile.Write(ref _sources[(int)kind], source);

    /// <summary>What the actors of a kind have done.</summary>
    public ActorWork WorkOf(ActorKind kind) => Volatile.Read(ref _sources[(int)kind])?.Invoke() ?? _counters[(int)kind].Work;

    /// <summary>A sample that is not older than so much; the last one there is when actors have no time to answer.</summary>
    public async Task<IReadOnlyList<KindSample>> LookAsync(TimeSpan oldestAllowed, CancellationToken cancel)
    {
        if (_watch is null) return Sample;
        try
        {
            return await _watch.Ask<IReadOnlyList<KindSample>>(new ActorWatch.LookNow(oldestAllowed), AskTimeout, cancel).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            return Sample;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Label(ActorKind kind) => new("kind", ActorKinds.Label(kind));

    private void Gauge(string name, string unit, string description, Func<KindSample, long> value) =>
        _meter.CreateObservableGauge(name, () => Sample.Select(s => new Measurement<long>(value(s), Label(s.Kind))), unit, description);

    private void Counter(
        string name, string unit, string description, Func<ActorKind, ActorCounters, long> value, IReadOnlyList<ActorKind> kinds) =>
        _meter.CreateObservableCounter(
            name, () => kinds.Select(kind => new Measurement<long>(value(kind, this[kind]), Label(kind))), unit, description);
}
