using System.Collections.Concurrent;

namespace Ogrt.Specs.Shim.Differential;

/// <summary>
/// Programs of this machine do the same with and without the preload library, whatever the server does.
/// <c>./build.sh differential</c> runs the long form, over every program in every mode.
/// </summary>
[Collection(DifferentialCollection.Name)]
public sealed class DifferentialSpec(LaboratoryFixture laboratory)
{
    private const string _folder = "/usr/bin";
    private const int _wanted = 300;

    // The quick form: so many programs, and every so many of them in all modes.
    private const int _quick = 420;
    private const int _sample = 10;

    [Fact]
    public void Programs_do_the_same_with_and_without_the_library()
    {
        bool all = Environment.GetEnvironmentVariable("OGRT_DIFFERENTIAL") is "all";
        string folder = Environment.GetEnvironmentVariable("OGRT_DIFFERENTIAL_FOLDER") ?? _folder;
        Subject[] subjects = [.. all ? Subjects.All(folder) : Subjects.Quick(folder, _quick)];
        Laboratory here = laboratory.Get();
        long before = here.RecordsByTcp;
        Summary summary = Compare(here, subjects, all);
        if (Environment.GetEnvironmentVariable("OGRT_DIFFERENTIAL_REPORT") is { Length: > 0 } report)
            File.WriteAllText(report, summary.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine(summary.ToString());

        Assert.True(summary.Different.Count == 0, string.Concat(summary.Different));
        Assert.True(here.RecordsByTcp - before > summary.ComparedPrograms / 2, "most programs were not tracked");
        int there = Subjects.Programs(folder).Count();
        Assert.True(summary.ComparedPrograms >= Math.Min(_wanted, there / 2), $"{summary.ComparedPrograms} of {there} programs were compared");
    }

    private static Summary Compare(Laboratory here, Subject[] subjects, bool all)
    {
        var verdicts = new ConcurrentBag<Verdict>();
        int done = 0;
        Parallel.ForEach(
            Partitioner.Create(subjects, EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { MaxDegreeOfParallelism = (all ? 4 : 2) * Environment.ProcessorCount, CancellationToken = TestContext.Current.CancellationToken },
            subject =>
            {
                verdicts.Add(here.Compare(subject, all || IsInSample(subject) ? here.Modes : [here.Up]));
                if (all && Interlocked.Increment(ref done) % 250 == 0)
                    TestContext.Current.SendDiagnosticMessage($"{done} of {subjects.Length} commands, at {subject}");
            });
        return new Summary([.. verdicts.OrderBy(verdict => verdict.Subject.ToString(), StringComparer.Ordinal)]);
    }

    private static bool IsInSample(Subject subject) => Subjects.Sum(subject.ToString()) % _sample == 0;
}
