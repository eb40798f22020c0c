using System.IO.Hashing;
using System.Text;
using Ogrt.Wire;

namespace Ogrt.Actors.Jobs;

/// <summary>Finds the job of a frame. A job that has come before is found by its bytes, without a string.</summary>
internal sealed class JobRouter
{
    // Names are found again by hash; past this number all are forgotten, which costs a string each to learn again.
    private const int MaxKnown = 65_536;

    private readonly string _cluster;
    private readonly WithoutJobId _withoutId;
    private readonly byte[][] _none;
    private readonly ReportingHosts? _hosts;
    private readonly Dictionary<UInt128, JobBatch> _known = [];

    /// <summary>Makes a router.</summary>
    /// <param name="settings">The block <c>ogrt.jobs</c>.</param>
    /// <param name="hosts">Counts the compute nodes that frames name; null for nobody.</param>
    public JobRouter(JobSettings settings, ReportingHosts? hosts = null)
    {
        _hosts = hosts;
        _cluster = settings.Cluster;
        _withoutId = settings.WithoutId;
        _none = [.. settings.IdsThatMeanNone.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>
    /// The batch of the frame's job; null when no job gets it, with the reason in <paramref name="error"/> when it is bad.
    /// </summary>
    public JobBatch? Route(ReadOnlySpan<byte> frame, byte kind, long arrivalNs, out WireError error)
    {
        // What was too long was not taken in; here everything is read.
        error = FrameRouter.TryRoute(frame, RecordKind.LayoutOf(kind), int.MaxValue, out FrameRoute route);
        if (error != WireError.None)
            return null;
        _hosts?.Saw(route.Hostname.Of(frame), arrivalNs);
        ReadOnlySpan<byte> jobId = route.JobId.Of(frame);
        if (!IsNone(jobId))
            return Find(XxHash128.HashToUInt128(jobId), jobId, default, false);
        // A JobStart or JobEnd of no job tells nothing.
        if (_withoutId == WithoutJobId.DeliverOnly || route.Type is FrameType.JobStart or FrameType.JobEnd)
            return null;
        ReadOnlySpan<byte> host = route.Hostname.Of(frame);
        DateOnly day = JobName.DayOf(route.TimeNs != 0 ? route.TimeNs : arrivalNs);
        return Find(XxHash128.HashToUInt128(host, day.DayNumber + 1L), host, day, true);
    }

    /// <summary>Forgets names when there are too many. Only between two reads: batches of a read must stay together.</summary>
    public void Trim()
    {
        if (_known.Count > MaxKnown)
            _known.Clear();
    }

    private JobBatch Find(UInt128 key, ReadOnlySpan<byte> name, DateOnly day, bool pseudo)
    {
        if (_known.TryGetValue(key, out JobBatch? batch))
            return batch;
        string jobId = pseudo ? JobName.Pseudo(name, day) : JobName.FromBytes(name);
        batch = new JobBatch(JobName.EntityId(_cluster, jobId));
        _known.Add(key, batch);
        return batch;
    }

    private bool IsNone(ReadOnlySpan<byte> jobId)
    {
        if (jobId.IsEmpty)
            return true;
        foreach (byte[] none in _none)
            if (jobId.SequenceEqual(none))
                return true;
        return false;
    }
}
