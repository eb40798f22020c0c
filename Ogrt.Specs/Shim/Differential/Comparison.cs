namespace Ogrt.Specs.Shim.Differential;

/// <summary>
/// Runs a program without the preload library and in each mode. What differs is looked at again: a program that differs from
/// itself without the library says nothing, and one that does the same under an empty library shows that there is one.
/// </summary>
/// <param name="run">Runs a program in a mode with a limit in seconds.</param>
/// <param name="plain">Without any library.</param>
/// <param name="emptyLibrary">The path of a library that does nothing.</param>
internal sealed class Comparison(Func<Subject, Mode, int, Outcome> run, Mode plain, string emptyLibrary)
{
    private const int _limit = 10;
    private const int _patientLimit = 40;
    private const int _repetitions = 4;

    public Verdict Compare(Subject subject, IEnumerable<Mode> modes)
    {
        Outcome first = run(subject, plain, _limit);
        if (first.Failure is not null)
            throw new InvalidOperationException($"{subject}: {first.Failure}");
        if (WhyNot(first) is { } reason)
            return new Verdict(subject, VerdictKind.NotComparable, reason, [], 0);

        var state = new State(subject, first);
        foreach (Mode mode in modes)
        {
            Outcome outcome = run(subject, mode, _limit);
            if (outcome.TimedOut) // the machine may be busy
                outcome = run(subject, mode, _patientLimit);
            state.Loaded += outcome.Loaded ? 1 : 0;
            string[] differing = [.. state.Differing(outcome)];
            if (differing.Length > 0)
                LookAgain(state, mode, outcome, differing);
        }
        return state.Verdict();
    }

    private void LookAgain(State state, Mode mode, Outcome outcome, string[] differing)
    {
        // In the same network, because a program may show what goes on there.
        Mode without = plain with { World = mode.World }, control = mode with { Library = emptyLibrary };
        var with = new List<Outcome>();
        var empty = new List<Outcome>();
        for (int i = 0; i < _repetitions && !differing.All(state.DiffersFromItself); i++)
        {
            state.Plain.Add(run(state.Subject, without, _patientLimit));
            with.Add(run(state.Subject, mode, _patientLimit));
            empty.Add(run(state.Subject, control, _patientLimit));
        }
        // What drifts (free space on a disk) has drifted without the library as well by now.
        state.Plain.Add(run(state.Subject, without, _patientLimit));
        foreach (string facet in differing)
        {
            if (state.DiffersFromItself(facet))
                state.Unstable[facet] = "differs without the library";
            else if (with.All(seen => seen[facet] == state.Plain[0][facet]))
            {
                state.Unstable[facet] = $"differed once when {mode}, and not in {_repetitions} repetitions";
                state.Once.Add(new Difference(mode, facet, state.Plain[0][facet], outcome[facet]));
            }
            else if (with.All(seen => empty.Any(other => other[facet] == seen[facet])))
                state.Showing.Add(new Difference(mode, facet, state.Plain[0][facet], with[0][facet]));
            else
                state.Different.Add(new Difference(mode, facet, state.Plain[0][facet], Other(facet, state.Plain[0], [outcome, .. with])));
        }
    }

    private static string Other(string facet, Outcome plain, IEnumerable<Outcome> with) =>
        with.Select(seen => seen[facet]).First(text => text != plain[facet]);

    private static string? WhyNot(Outcome outcome) => outcome switch
    {
        { NotExecutable: true } => "not executable here",
        { TooMuch: true } => "writes without end",
        { TimedOut: true } => $"does not end within {_limit} s",
        _ => null,
    };

    private sealed class State(Subject subject, Outcome first)
    {
        public Subject Subject => subject;

        public List<Outcome> Plain { get; } = [first];

        public Dictionary<string, string> Unstable { get; } = [];

        public List<Difference> Showing { get; } = [];

        public List<Difference> Different { get; } = [];

        public List<Difference> Once { get; } = [];

        public int Loaded { get; set; }

        public IEnumerable<string> Differing(Outcome outcome) => Outcome.Facets.Where(facet =>
            !Unstable.ContainsKey(facet) && Plain.All(seen => seen[facet] != outcome[facet]));

        public bool DiffersFromItself(string facet) => Plain.Select(seen => seen[facet]).Distinct().Count() > 1;

        public Verdict Verdict()
        {
            string unstable = string.Join(", ", Unstable.Select(facet => $"{facet.Key} {facet.Value}"));
            if (Different.Count > 0)
                return new Verdict(subject, VerdictKind.Different, unstable, Different, Loaded);
            if (Unstable.ContainsKey(Outcome.Output) || Unstable.ContainsKey(Outcome.Error))
                return new Verdict(subject, VerdictKind.NotDeterministic, unstable, Once, Loaded);
            if (Showing.Count > 0)
                return new Verdict(subject, VerdictKind.ShowsPreload, unstable, [.. Showing, .. Once], Loaded);
            return new Verdict(subject, Unstable.Count > 0 ? VerdictKind.SameInPart : VerdictKind.Same, unstable, Once, Loaded);
        }
    }
}
