using Ogrt.Sinks.DeadLetters;

namespace Ogrt.Specs.Soak;

/// <summary>
/// Holds one target against the ledger: each confirmed record is in the target or in the dead letters exactly as made, where the
/// target has ids once, and nothing else is there.
/// </summary>
internal sealed class Verification
{
    // More of one kind say nothing more.
    private const int MostTold = 10;

    private readonly SoakTarget _target;
    private readonly Ledger _ledger;
    private readonly NumberedFrames _frames;
    private readonly long _done;
    private readonly Dictionary<long, string> _ids = [];
    private readonly Dictionary<(string, uint), ulong> _newest = [];
    private readonly HashSet<(string, uint, ulong)> _jobs = [];
    private readonly HashSet<long> _dead = [];
    private readonly Dictionary<string, int> _counts = [];
    private readonly List<string> _violations = [];

    private Verification(SoakTarget target, Ledger ledger, NumberedFrames frames)
    {
        (_target, _ledger, _frames) = (target, ledger, frames);
        _done = ledger.Cursors.GetValueOrDefault("sink-" + target.Sink);
    }

    /// <summary>Records that the target has, each once.</summary>
    public long Delivered => _ids.Count;

    /// <summary>Copies of records beyond the first.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Records among the dead letters, each once.</summary>
    public long DeadLetters => _dead.Count;

    /// <summary>What does not hold.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Reads a target and its dead letters, and checks.</summary>
    public static async Task<Verification> OfAsync(SoakTarget target, Ledger ledger, NumberedFrames frames, string dataDirectory)
    {
        var verification = new Verification(target, ledger, frames);
        await foreach (Found found in target.ReadAsync(dataDirectory, frames, ledger))
            verification.Take(found);
        foreach (KeptLetter kept in DeadLetterFiles.Read(Path.Combine(dataDirectory, "dead-letters", target.Sink)))
            verification.Take(kept.Letter);
        verification.CheckNumbers();
        verification.CheckJobs();
        return verification;
    }

    private void Take(Found found)
    {
        if (found.Wrong is { } wrong)
            Violate("not as made", $"{found.Number} ({found.Id}): {wrong}");
        else if (found.Job is { } job)
            Take(job);
        else if (!_ledger.Numbers.TryGetValue(found.Number, out Ledger.Entry entry))
            Violate("never confirmed", $"{found.Number} ({found.Id})");
        else
        {
            if (found.Place is { } place && _target.PlaceOf(_frames.TimeOf(found.Number), entry.ArrivalNs) is var right && place != right)
                Violate("in the wrong place", $"{found.Number} ({found.Id}) is {place} and should be {right}");
            if (_ids.TryAdd(found.Number, found.Id))
                return;
            Duplicates++;
            if (_target.HasIds)
                Violate("twice in a target with ids", $"{found.Number}: {_ids[found.Number]} and {found.Id}");
            else if (found.Id != _ids[found.Number])
                Violate("with two ids", $"{found.Number}: {_ids[found.Number]} and {found.Id}");
        }
    }

    private void Take(FoundJob job)
    {
        if (!_ledger.Jobs.TryGetValue((job.Job, job.Incarnation, job.Version), out (FoundJob Job, long Sequence) confirmed) || confirmed.Job != job)
            Violate("a job record that is not in the journal", job.ToString());
        _jobs.Add((job.Job, job.Incarnation, job.Version));
        (string, uint) key = (job.Job, job.Incarnation);
        _newest[key] = Math.Max(_newest.GetValueOrDefault(key), job.Version);
    }

    private void Take(DeadLetter letter)
    {
        ReadOnlySpan<byte> original = letter.Original.Span;
        if (!NumberedFrames.TryNumberOf(original, out long number) || !original.SequenceEqual(_frames.Frame(number)))
            Violate("a dead letter that is not as made", $"{number}: {letter.Reason} {letter.Detail}");
        else if (!_target.RefusesPoison || !_frames.IsPoison(number))
            Violate("a dead letter of a record that is good", $"{number}: {letter.Reason} {letter.Detail}");
        else if (!_ledger.Numbers.ContainsKey(number))
            Violate("a dead letter of a record that was never confirmed", $"{number}");
        _dead.Add(number);
    }

    private void CheckNumbers()
    {
        HashSet<string> ids = [];
        foreach ((long number, string id) in _ids)
        {
            if (!ids.Add(id))
                Violate("an id of two records", $"{number}: {id}");
            if (_dead.Contains(number))
                Violate("in the target and in the dead letters", $"{number}");
        }
        foreach ((long number, Ledger.Entry entry) in _ledger.Numbers.Where(n => n.Value.IsOwed))
        {
            if (entry.Sequence >= _done)
                Violate("not reached by the cursor", $"{number} at {entry.Sequence}, the cursor is at {_done}");
            bool mustBeDead = _target.RefusesPoison && _frames.IsPoison(number);
            if (!(mustBeDead ? _dead.Contains(number) : _ids.ContainsKey(number)))
                Violate(mustBeDead ? "lost from the dead letters" : "lost", $"{number} at {entry.Sequence}");
        }
    }

    /// <summary>Of job records a target that replaces older versions has the newest that the cursor has passed or one after it; others
    /// have each.</summary>
    private void CheckJobs()
    {
        foreach (((string job, uint incarnation, ulong version) key, (FoundJob _, long sequence)) in _ledger.Jobs)
        {
            if (sequence >= _done)
                continue;
            bool isThere = _target.KeepsNewestJobOnly
                ? _newest.GetValueOrDefault((key.job, key.incarnation)) >= key.version
                : _jobs.Contains(key);
            if (!isThere)
                Violate("a lost job record", key.ToString());
        }
    }

    private void Violate(string kind, string what)
    {
        int count = _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        if (count <= MostTold)
            _violations.Add($"{_target.Sink}: {kind}: {what}");
        else if (count == MostTold + 1)
            _violations.Add($"{_target.Sink}: {kind}: and more");
    }
}
