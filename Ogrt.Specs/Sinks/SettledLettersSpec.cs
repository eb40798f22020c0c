using CsCheck;
using Ogrt.Sinks.DeadLetters;

namespace Ogrt.Specs.Sinks;

public sealed class SettledLettersSpec
{
    private static readonly Guid Journal = Guid.Parse("00000000-0000-0000-0000-000000000001");

    [Fact]
    public void What_is_settled_is_what_was_settled_also_after_it_was_read_again()
    {
        Gen.Int[0, 60].HashSet[0, 20].Array[0, 6].Sample(steps =>
        {
            using var directory = new TempDirectory();
            string letters = directory.File("letters");
            SettledLetters settled = SettledLetters.Load(letters, Journal);
            var model = new HashSet<int>();
            foreach (HashSet<int> step in steps)
            {
                settled.Settle(step.Select(n => (long)n));
                model.UnionWith(step);
                foreach (SettledLetters one in new[] { settled, SettledLetters.Load(letters, Journal) })
                {
                    Assert.All(Enumerable.Range(0, 62), n => Assert.Equal(model.Contains(n), one.Contains(n)));
                    for (int from = 0; from < 62; from += 7)
                    {
                        Assert.Equal(model.Count(n => n >= from), one.CountFrom(from));
                        Assert.Equal(Enumerable.Range(from, 100).First(n => !model.Contains(n)), one.FirstOpenFrom(from));
                    }
                }
            }
        }, iter: 60);
    }

    [Fact]
    public void Numbers_of_letters_that_somebody_deleted_mean_nothing_to_new_ones()
    {
        using var directory = new TempDirectory();
        SettledLetters.Load(directory.File("letters"), Journal).Settle([0, 1, 2]);
        Assert.False(SettledLetters.Load(directory.File("letters"), Guid.NewGuid()).Contains(1));
        Assert.True(SettledLetters.Load(directory.File("letters"), Journal).Contains(1));
    }

    [Theory]
    [InlineData("something else\n")]
    [InlineData("")]
    [InlineData("ogrt dead letters settled 1 00000000-0000-0000-0000-000000000001\n5 3\n")]
    [InlineData("ogrt dead letters settled 1 00000000-0000-0000-0000-000000000001\n5\n")]
    public void A_file_that_is_none_of_ours_is_an_error_and_not_overwritten(string content)
    {
        using var directory = new TempDirectory();
        string file = SettledLetters.PathOf(directory.File("letters"));
        File.WriteAllText(file, content);
        Assert.Throws<IOException>(() => SettledLetters.Load(directory.File("letters"), Journal));
        Assert.Equal(content, File.ReadAllText(file));
    }

    [Theory]
    [InlineData("3", new long[] { 3, 3 })]
    [InlineData("3,7-12", new long[] { 3, 3, 7, 12 })]
    public void Numbers_are_read(string text, long[] expected)
    {
        Assert.True(LetterSelection.TryParseNumbers(text, out IReadOnlyList<(long First, long Last)> numbers));
        Assert.Equal(expected, numbers.SelectMany(n => new[] { n.First, n.Last }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("3,")]
    [InlineData("-3")]
    [InlineData("7-3")]
    public void What_is_no_number_is_not(string text) => Assert.False(LetterSelection.TryParseNumbers(text, out _));
}
