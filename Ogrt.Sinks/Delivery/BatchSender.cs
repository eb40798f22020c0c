using System.Diagnostics;
using System.Globalization;
using Akka.Event;

namespace Ogrt.Sinks.Delivery;

/// <summary>
/// Sends one batch until each of its items is settled: delivered, known to the target, or a dead letter. There is no other
/// way out but a stop, and then the batch stays in the journal. Safe for concurrent use.
/// </summary>
internal sealed class BatchSender(
    ISink sink,
    SinkSettings settings,
    SinkMetrics metrics,
    TargetGate gate,
    SendSlots slots,
    RefusalBreaker breaker,
    IRefusedRecords deadLetters,
    ILoggingAdapter log,
    CancellationToken stopping,
    CancellationToken deadline)
{
    private int _unexpected;

    /// <summary>Sends a batch; false when the sink stops before the batch is settled. Never throws.</summary>
    public async Task<bool> SendAsync(SinkBatch batch)
    {
        try
        {
            SinkInstruments.BatchRecords.Record(batch.Count, SinkInstruments.Label(settings.Name));
            SinkInstruments.BatchBytes.Record(batch.EncodedBytes, SinkInstruments.Label(settings.Name));
            foreach (RefusedRecord refused in batch.Refused)
            {
                await deadLetters.KeepAsync(refused.Item, new Refusal(refused.Reason, null, 0), 0).ConfigureAwait(false);
                metrics.AddPending(-1);
            }
            if (batch.Count == 0)
                return true;

            // A split batch leaves its second half for later; the list is only made when that happens.
            var attempt = new SinkAttempt(batch, null, 0);
            var later = new Later();
            do
            {
                await SettleAsync(attempt, later).ConfigureAwait(false);
            }
            while (later.TryTake(out attempt!));
            return true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task SettleAsync(SinkAttempt attempt, Later later)
    {
        int itemFailures = 0;
        while (true)
        {
            Answer answer = await TrySendAsync(attempt).ConfigureAwait(false);
            SinkVerdict verdict = answer.Verdict;
            switch (verdict.Kind)
            {
                case SinkVerdictKind.Delivered:
                    metrics.Settle(delivered: attempt.Count, duplicate: 0, deadLettered: 0);
                    metrics.AddPending(-attempt.Count);
                    return;

                case SinkVerdictKind.PerItem:
                    Remainder rest = await SettleItemsAsync(attempt, answer.HoldRefusals).ConfigureAwait(false);
                    if (rest.Attempt is null)
                        return;
                    attempt = rest.Attempt;
                    // The gate is closed for as long as refusals are held back, or something waits for a configuration: that is the
                    // wait.
                    if (rest.AtOnce || answer.HoldRefusals || verdict.IsPause)
                        continue;
                    itemFailures++;
                    metrics.Retried("items");
                    await Task.Delay(
                        Backoff.Next(settings.BackoffMin, settings.BackoffMax, itemFailures, verdict.RetryAfter, Random.Shared),
                        stopping).ConfigureAwait(false);
                    break;

                case SinkVerdictKind.Split when attempt.Count > 1:
                    metrics.Retried("split");
                    (attempt, SinkAttempt second) = Halve(attempt, attempt.Suspicion);
                    later.First(second);
                    break;

                case SinkVerdictKind.Split when answer.HoldRefusals:
                    attempt.Reset();
                    break;

                case SinkVerdictKind.Split:
                    metrics.ItemFailed(verdict.Status, verdict.Reason);
                    await KeepAsync(attempt, 0, new Refusal(verdict.Reason, verdict.Detail, verdict.Status)).ConfigureAwait(false);
                    metrics.AddPending(-1);
                    return;

                case SinkVerdictKind.Retry when verdict.IsUnanswered:
                    metrics.Retried(verdict.Reason);
                    attempt.Reset();
                    if (await IsolateAsync(attempt, verdict, later).ConfigureAwait(false) is not { } next)
                        return;
                    attempt = next;
                    break;

                default:
                    metrics.Retried(verdict.Reason);
                    attempt.Reset();
                    break;
            }
        }
    }

    /// <summary>
    /// Looks for the record that a target hangs or dies of. A batch that stays without an answer again and again is halved; a
    /// record that is left alone waits until the others have been sent, and is given up when it has stayed without an answer
    /// many times while others had theirs.
    /// </summary>
    /// <returns>What to send next; null when nothing is left of the attempt, or it waits for the others.</returns>
    private async Task<SinkAttempt?> IsolateAsync(SinkAttempt attempt, SinkVerdict verdict, Later later)
    {
        Suspicion suspicion = attempt.Suspicion.Grow(gate.Answers, single: attempt.Count == 1);
        attempt.Suspicion = suspicion;
        if (attempt.Count > 1)
        {
            if (!suspicion.IsPart && suspicion.Unanswered < settings.UnansweredHalve)
                return attempt;
            metrics.Retried("unanswered_split");
            (SinkAttempt first, SinkAttempt second) = Halve(attempt, new Suspicion(0, 0, 0, IsPart: true));
            later.First(second);
            return first;
        }
        if (settings.UnansweredGiveUp > 0 && suspicion.Proven >= settings.UnansweredGiveUp
            && breaker.Allows(Stopwatch.GetElapsedTime(0), settled: 0, refused: 1))
        {
            string detail = string.Create(CultureInfo.InvariantCulture,
                $"No answer in {suspicion.Unanswered} attempts by itself, {suspicion.Proven} of them while the target answered others. The last time: {verdict.Reason}, {verdict.Detail}");
            metrics.ItemFailed(verdict.Status, "no_answer");
            await KeepAsync(attempt, 0, new Refusal("no_answer", detail, verdict.Status)).ConfigureAwait(false);
            metrics.AddPending(-1);
            log.Warning("Sink {0} gave a record up that its target never answers; it is a dead letter. {1}", settings.Name, detail);
            return null;
        }
        if (later.IsEmpty)
            return attempt;
        later.Last(attempt);
        return null;
    }

    /// <summary>One request, when the target is there and has room for it. Whatever it throws becomes a verdict.</summary>
    private async Task<Answer> TrySendAsync(SinkAttempt attempt)
    {
        long bytes = 0;
        for (int item = 0; item < attempt.Count; item++)
            bytes += attempt.Payload(item).Length;
        SendSlot slot = await slots.EnterAsync(bytes, stopping).ConfigureAwait(false);
        GatePermit permit;
        try
        {
            permit = await gate.EnterAsync(stopping).ConfigureAwait(false);
        }
        catch
        {
            slots.Leave(slot);
            throw;
        }
        attempt.Number++;
        attempt.Answered = metrics.RequestAnswered;
        metrics.RequestStarted(bytes);
        long begin = Stopwatch.GetTimestamp();
        SinkVerdict verdict = await RequestAsync(attempt).ConfigureAwait(false);
        TimeSpan took = Stopwatch.GetElapsedTime(begin);
        if (attempt.AnswerTook is null)
            metrics.RequestAnswered();
        metrics.RequestEnded(bytes, verdict.Reason, took);
        Tally tally = Tally.Of(attempt, verdict);
        slots.Leave(slot, attempt.AnswerTook ?? took, pressed: tally.IsPressed);
        metrics.LimitIs(slots.Limit);
        return Tell(permit, verdict, tally);
    }

    private async Task<SinkVerdict> RequestAsync(SinkAttempt attempt)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        timeout.CancelAfter(settings.SendTimeout);
        try
        {
            // Off the stream's thread: a sink may block.
            return await Task.Run(() => sink.SendAsync(attempt, timeout.Token).AsTask(), CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return SinkVerdict.Unanswered("timeout", $"no answer within {settings.SendTimeout}");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (Interlocked.Increment(ref _unexpected) == 1)
                log.Error(e, "Sink {0} failed in a way that it should have answered for; the batch is sent again", settings.Name);
            return SinkVerdict.Unanswered("unexpected", e.GetType().Name + ": " + e.Message);
        }
    }

    /// <summary>Lets the gate hear of an answer, and finds out whether refusals may become dead letters.</summary>
    private Answer Tell(GatePermit permit, SinkVerdict verdict, Tally tally)
    {
        if (!breaker.Allows(Stopwatch.GetElapsedTime(0), tally.Settled, tally.Refused))
        {
            gate.Failed(permit, SinkVerdict.Pause("too_many_refusals", FormattableString.Invariant(
                $"More than {settings.RefusalShare:P0} of the records are refused, the last for: {tally.LastRefusal}. They are tried again; when they are wrong indeed, 'ogrt-server sinks resume {settings.Name} --accept-refusals' makes them dead letters.")));
            return new Answer(verdict, HoldRefusals: true);
        }
        if (verdict.Kind == SinkVerdictKind.Retry || verdict.IsPause)
            gate.Failed(permit, verdict);
        else
            gate.Succeeded(permit);
        return new Answer(verdict, HoldRefusals: false);
    }

    /// <summary>Books the items that are settled and gathers the others.</summary>
    private async Task<Remainder> SettleItemsAsync(SinkAttempt attempt, bool holdRefusals)
    {
        int delivered = 0, duplicate = 0, rejected = 0, left = 0, resend = 0;
        for (int item = 0; item < attempt.Count; item++)
        {
            switch (attempt.Outcome(item))
            {
                case SinkOutcome.Delivered:
                    delivered++;
                    break;
                case SinkOutcome.Duplicate:
                    duplicate++;
                    break;
                case SinkOutcome.Rejected when holdRefusals:
                    left++;
                    break;
                case SinkOutcome.Rejected:
                    rejected++;
                    break;
                case SinkOutcome.Resend:
                    resend++;
                    left++;
                    break;
                default:
                    left++;
                    Refusal why = attempt.RefusalOf(item);
                    metrics.ItemFailed(why.Status, why.Reason ?? "unknown");
                    break;
            }
        }
        metrics.Settle(delivered, duplicate, deadLettered: 0);
        metrics.AddPending(-(delivered + duplicate));
        if (rejected > 0)
            await KeepRejectedAsync(attempt).ConfigureAwait(false);
        if (left == 0)
            return default;
        bool progress = delivered + duplicate + rejected > 0;
        return new Remainder(Rest(attempt, left, holdRefusals), AtOnce: progress && resend == left);
    }

    private async Task KeepRejectedAsync(SinkAttempt attempt)
    {
        for (int item = 0; item < attempt.Count; item++)
        {
            if (attempt.Outcome(item) != SinkOutcome.Rejected)
                continue;
            Refusal refusal = attempt.RefusalOf(item);
            metrics.ItemFailed(refusal.Status, refusal.Reason ?? "rejected");
            await KeepAsync(attempt, item, refusal).ConfigureAwait(false);
            metrics.AddPending(-1);
        }
    }

    private ValueTask KeepAsync(SinkAttempt attempt, int item, Refusal refusal) =>
        deadLetters.KeepAsync(attempt.Item(item), refusal, attempt.Number);

    private static SinkAttempt Rest(SinkAttempt attempt, int left, bool withRefusals)
    {
        var indexes = new int[left];
        int n = 0;
        for (int item = 0; item < attempt.Count; item++)
        {
            SinkOutcome outcome = attempt.Outcome(item);
            if (outcome is SinkOutcome.Unknown or SinkOutcome.Retry or SinkOutcome.Resend || (withRefusals && outcome == SinkOutcome.Rejected))
                indexes[n++] = attempt.IndexOf(item);
        }
        return new SinkAttempt(attempt.Batch, indexes, attempt.Number);
    }

    private static (SinkAttempt First, SinkAttempt Second) Halve(SinkAttempt attempt, Suspicion suspicion)
    {
        var indexes = new int[attempt.Count];
        for (int item = 0; item < indexes.Length; item++)
            indexes[item] = attempt.IndexOf(item);
        int half = (indexes.Length + 1) / 2;
        return (new SinkAttempt(attempt.Batch, indexes[..half], attempt.Number) { Suspicion = suspicion },
            new SinkAttempt(attempt.Batch, indexes[half..], attempt.Number) { Suspicion = suspicion });
    }

    /// <summary>Parts of a batch that are sent later.</summary>
    private sealed class Later
    {
        private LinkedList<SinkAttempt>? _parts;

        public bool IsEmpty => _parts is null or { Count: 0 };

        public void First(SinkAttempt attempt) => (_parts ??= new()).AddFirst(attempt);

        public void Last(SinkAttempt attempt) => (_parts ??= new()).AddLast(attempt);

        public bool TryTake(out SinkAttempt? attempt)
        {
            attempt = _parts?.First?.Value;
            if (attempt is not null)
                _parts!.RemoveFirst();
            return attempt is not null;
        }
    }

    /// <summary>What a request came to.</summary>
    /// <param name="Verdict">The sink's answer.</param>
    /// <param name="HoldRefusals">Whether refusals must not become dead letters, as there are too many of them.</param>
    private readonly record struct Answer(SinkVerdict Verdict, bool HoldRefusals);

    /// <summary>What an attempt left over.</summary>
    /// <param name="Attempt">The items that are not settled; null when there are none.</param>
    /// <param name="AtOnce">Whether they may go without a pause, as others of the attempt were settled.</param>
    private readonly record struct Remainder(SinkAttempt? Attempt, bool AtOnce);
}
