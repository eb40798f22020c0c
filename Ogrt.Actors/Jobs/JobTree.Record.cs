using Google.Protobuf;
using Ogrt.Wire.Protocol;

namespace Ogrt.Actors.Jobs;

// The tree as others see it.
public sealed partial class JobTree
{
    /// <summary>Fills in what the tree knows of a job: counts, times, hosts, nodes.</summary>
    /// <param name="record">A record without nodes.</param>
    /// <param name="maxNodes">What the record may hold of nodes; the rest is counted in `other` nodes.</param>
    public void WriteTo(JobRecord record, int maxNodes)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (_user is not null)
            record.User = UnsafeByteOperations.UnsafeWrap(_user);
        for (int i = 0; i < _hosts.Count; i++)
            record.Hosts.Add(UnsafeByteOperations.UnsafeWrap(_hosts[i]));
        record.HostCount = (uint)HostCount;
        record.FirstTimeNs = FirstTimeNs;
        record.LastTimeNs = LastTimeNs;
        if (StartTimeNs is { } start)
            record.StartTimeNs = start;
        if (EndTimeNs is { } end)
            record.EndTimeNs = end;
        record.ProcessCount = (ulong)ProcessCount;
        record.ImageCount = (ulong)ImageCount;
        record.LiveCount = (ulong)(ProcessCount - EndedCount);
        record.FailedCount = (ulong)FailedCount;
        record.OtherCount = 0;
        new JobRecordBuilder(record, _images, _hosts, maxNodes).Build(_processes.Values, _collapsed.Root);
    }
}
