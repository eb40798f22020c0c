namespace Ogrt.Specs.Journal;

/// <summary>Waits on a condition.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<bool> condition)
    {
        var limit = TimeSpan.FromSeconds(30);
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < limit, "The condition did not come true in 30 s.");
            await Task.Yield();
        }
    }
}
