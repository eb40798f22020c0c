using System.Diagnostics;

namespace Ogrt.Specs.Jobs;

/// <summary>Waits until something holds; looks again every few milliseconds, so that others get the processor.</summary>
internal static class Condition
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    public static Task HoldsAsync(Func<bool> condition) => HoldsAsync(() => Task.FromResult(condition()));

    public static async Task HoldsAsync(Func<Task<bool>> condition, Func<string>? otherwise = null)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Limit, otherwise?.Invoke() ?? "The condition did not come true in time.");
            await Task.Delay(Pause);
        }
    }
}
