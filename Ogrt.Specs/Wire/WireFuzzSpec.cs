using System.Diagnostics;
using System.Globalization;
using Ogrt.Specs.Wire.Fuzzing;
using Ogrt.Wire;

namespace Ogrt.Specs.Wire;

/// <summary>
/// A fuzzing run within a time: two seconds, or <c>OGRT_FUZZ_SECONDS</c>. It ends early at the first input that does what
/// it should not, and shows it.
/// </summary>
public class WireFuzzSpec(ITestOutputHelper output)
{
    private const int MostInputs = 5_000;

    private static readonly byte[] End = WireGen.Frame(
        16, [.. WireGen.Varint(301, 7), .. WireGen.Bytes(305, "J"u8), .. WireGen.Bytes(307, "h"u8), .. WireGen.Varint(341, 3)]);

    private static readonly byte[] NextEnd = WireGen.Frame(
        16, [.. WireGen.Bytes(99, new byte[16]), .. WireGen.Varint(104, 1456936067123), .. WireGen.Varint(107, 5)]);

    private static readonly byte[] JobStart = WireGen.Frame(10, [.. WireGen.Bytes(100, "J"u8), .. WireGen.Varint(101, 5)]);

    private static readonly byte[] JobEnd = WireGen.Frame(11, [.. WireGen.Bytes(200, "J"u8), .. WireGen.Varint(201, 5)]);

    [Fact]
    public void No_input_does_harm_and_all_are_judged_as_Google_Protobuf_judges_them()
    {
        TimeSpan time = TimeSpan.FromSeconds(double.Parse(
            Environment.GetEnvironmentVariable("OGRT_FUZZ_SECONDS") ?? "2", CultureInfo.InvariantCulture));
        int seed = int.Parse(
            Environment.GetEnvironmentVariable("OGRT_FUZZ_SEED") ?? Environment.TickCount.ToString(CultureInfo.InvariantCulture),
            CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var coverage = new Coverage();
        var target = new WireTarget();
        var mutator = new WireMutator(random);
        List<byte[]> corpus =
            [RecordedFrames.Mpi, RecordedFrames.Shell, End, NextEnd, JobStart, JobEnd, [.. JobStart, .. End, .. JobEnd]];
        foreach (byte[] input in corpus) Run(target, coverage, input, seed);

        long runs = 0;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < time; runs++)
        {
            byte[] input = mutator.Mutate(corpus[random.Next(corpus.Count)], corpus[random.Next(corpus.Count)]);
            long accepted = target.Accepted;
            bool keep = Run(target, coverage, input, seed);
            // Without coverage some of the frames that are still good are what there is to go on with.
            if (coverage.Edges == 0) keep = target.Accepted > accepted && random.Next(50) == 0;
            if (!keep) continue;
            if (corpus.Count < MostInputs) corpus.Add(input);
            else corpus[random.Next(7, corpus.Count)] = input;
        }

        output.WriteLine(
            $"{runs} inputs, seed {seed}, corpus {corpus.Count}, {coverage.Edges} edges seen, {target.Accepted} accepted, refused: "
            + string.Join(", ", Enum.GetValues<WireError>().Skip(1).Select(e => $"{WireErrors.Name(e)} {target.Refused[(int)e]}")));
        Assert.NotEqual(0, target.Accepted);
        Assert.NotEqual(0, target.Refused.Sum());
    }

    private static bool Run(WireTarget target, Coverage coverage, byte[] input, int seed)
    {
        coverage.Clear();
        try
        {
            target.Run(input);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {seed}, input {Convert.ToHexString(input)}: {e.Message}", e);
        }

        return coverage.FoundNew();
    }
}
