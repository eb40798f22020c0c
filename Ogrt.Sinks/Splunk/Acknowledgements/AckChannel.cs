using System.Globalization;

namespace Ogrt.Sinks.Splunk.Acknowledgements;

/// <summary>
/// The requests of one channel at one endpoint. The collector numbers the requests of a channel from the beginning and
/// forgets numbers when it restarts, so that "1 is indexed" may speak of another request than the one that waits. Numbers
/// only grow: one that is not higher than what had been given out before its request began, or that still waits, shows that
/// they began again. What the collector says of a number therefore counts when all requests that were on their way at that
/// moment have their answers and none of these showed it. When one did, or ended without an answer, nothing that the channel
/// still waits for is certain. Safe for concurrent use.
/// </summary>
internal sealed class AckChannel(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, PendingAck> _pending = [];
    private readonly HashSet<AckPost> _posts = [];
    private long _highest = -1;
    private bool _broken;

    /// <summary>The channel's name: a GUID, as the collector wants it.</summary>
    public string Name { get; } = Guid.NewGuid().ToString("D", CultureInfo.InvariantCulture);

    /// <summary>Requests that wait for their acknowledgement.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _pending.Count;
        }
    }

    /// <summary>Whether its numbers have lost their meaning: no request may go there any more.</summary>
    public bool IsBroken
    {
        get
        {
            lock (_lock)
                return _broken;
        }
    }

    /// <summary>A request is about to be sent.</summary>
    public AckPost Begin()
    {
        lock (_lock)
        {
            var post = new AckPost(this, _highest);
            _posts.Add(post);
            return post;
        }
    }

    /// <summary>A request was taken under a number.</summary>
    /// <returns>What waits for its acknowledgement; null when the number cannot be its own.</returns>
    public PendingAck? Taken(AckPost post, long id)
    {
        lock (_lock)
        {
            // Numbers that began again while nothing else was on its way or waiting cannot be mixed up.
            bool isAlone = _pending.Count == 0 && _posts.Count == 1;
            if (_broken || (id <= post.Floor && !isAlone) || _pending.ContainsKey(id))
            {
                Break();
                return null;
            }
            var pending = new PendingAck(id, time.GetTimestamp());
            _pending.Add(id, pending);
            _highest = isAlone ? id : Math.Max(_highest, id);
            Arrived(post);
            return pending;
        }
    }

    /// <summary>A request was not taken, and got no number.</summary>
    public void Refused(AckPost post)
    {
        lock (_lock)
            Arrived(post);
    }

    /// <summary>Whether a request was taken, and under which number, is not known.</summary>
    public void Unknown()
    {
        lock (_lock)
        {
            // Perhaps it was taken after a restart, under the number that another one had got before.
            Break();
        }
    }

    /// <summary>Nobody waits for a request any more.</summary>
    public void Forget(PendingAck pending)
    {
        lock (_lock)
        {
            if (_pending.TryGetValue(pending.Id, out PendingAck? known) && ReferenceEquals(known, pending))
                _pending.Remove(pending.Id);
        }
    }

    /// <summary>What to ask the collector for.</summary>
    public List<PendingAck> Unanswered()
    {
        lock (_lock)
            return [.. _pending.Values.Where(p => p.Behind is null)];
    }

    /// <summary>The collector says that a request is indexed, in answer to a question that asked for it.</summary>
    /// <returns>Whether it still waited.</returns>
    public bool Indexed(PendingAck pending)
    {
        lock (_lock)
        {
            if (!_pending.TryGetValue(pending.Id, out PendingAck? known) || !ReferenceEquals(known, pending) || pending.Behind is not null)
                return false;
            if (_posts.Count > 0)
                pending.Behind = [.. _posts];
            else
                Complete(pending, AckOutcome.Acknowledged);
            return true;
        }
    }

    /// <summary>
    /// The collector may have restarted. The oldest request is given up, to be sent again: its new number tells. Where numbers
    /// began again, that gives up all the others as well; else they go on waiting.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    public bool Suspect()
    {
        lock (_lock)
        {
            if (_broken || _pending.Count == 0)
                return false;
            Complete(_pending.Values.MinBy(p => p.Since)!, AckOutcome.Ambiguous);
            return true;
        }
    }

    /// <summary>Ends the wait of those that have waited for longer than a time.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Expire(TimeSpan timeout)
    {
        lock (_lock)
        {
            PendingAck[] late = [.. _pending.Values.Where(p => time.GetElapsedTime(p.Since) >= timeout)];
            foreach (PendingAck pending in late)
                Complete(pending, AckOutcome.TimedOut);
            return late.Length > 0;
        }
    }

    /// <summary>Ends the wait of all.</summary>
    public void CompleteAll(AckOutcome outcome)
    {
        lock (_lock)
        {
            foreach (PendingAck pending in _pending.Values)
                pending.Complete(outcome);
            _pending.Clear();
        }
    }

    private void Arrived(AckPost post)
    {
        _posts.Remove(post);
        PendingAck[] certain = [.. _pending.Values.Where(p => p.Behind is { } behind && behind.Remove(post) && behind.Count == 0)];
        foreach (PendingAck pending in certain)
            Complete(pending, AckOutcome.Acknowledged);
    }

    private void Complete(PendingAck pending, AckOutcome outcome)
    {
        _pending.Remove(pending.Id);
        pending.Complete(outcome);
    }

    private void Break()
    {
        _broken = true;
        foreach (PendingAck pending in _pending.Values)
            pending.Complete(AckOutcome.Ambiguous);
        _pending.Clear();
        _posts.Clear();
    }
}
