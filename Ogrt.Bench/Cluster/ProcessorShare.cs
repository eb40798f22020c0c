using System.Globalization;

namespace Ogrt.Bench.Cluster;

/// <summary>Holds processes to a part of a processor each, with control groups of either version. Needs root.</summary>
internal sealed class ProcessorShare : IDisposable
{
    private const string Root = "/sys/fs/cgroup", Members = "cgroup.procs";

    // Short, so that what a process waits for its next turn is little beside what it waits for others.
    private const int PeriodUs = 10_000;

    private readonly List<string> _groups = [];

    /// <summary>Holds a process, until this is disposed of.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="share">Its part of a processor, above 0.</param>
    /// <exception cref="InvalidOperationException">There is no control group for processors here, or it may not be used.</exception>
    public void Hold(int processId, double share)
    {
        bool isFirst = Directory.Exists($"{Root}/cpu");
        string group = string.Create(CultureInfo.InvariantCulture, $"{Root}{(isFirst ? "/cpu" : "")}/ogrt-bench-{processId}");
        string quota = ((int)(PeriodUs * share)).ToString(CultureInfo.InvariantCulture);
        try
        {
            Directory.CreateDirectory(group);
            _groups.Add(group);
            if (isFirst)
            {
                File.WriteAllText($"{group}/cpu.cfs_period_us", PeriodUs.ToString(CultureInfo.InvariantCulture));
                File.WriteAllText($"{group}/cpu.cfs_quota_us", quota);
            }
            else
            {
                File.WriteAllText($"{group}/cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {PeriodUs}"));
            }
            File.WriteAllText($"{group}/{Members}", processId.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"A part of a processor cannot be set: {e.Message}. It needs root, and the controller \"cpu\" in {Root}.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (string group in _groups)
        {
            // A group goes when nobody is in it.
            foreach (string member in File.ReadAllLines($"{group}/{Members}"))
                File.WriteAllText($"{Path.GetDirectoryName(group)}/{Members}", member);
            Directory.Delete(group);
        }
    }
}
