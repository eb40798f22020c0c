namespace Ogrt.Wire;

/// <summary>What <c>JobStart</c> and <c>JobEnd</c> have in common, read in place: the job, a time, and how the scheduler
/// describes the job. Texts are empty and numbers 0 when absent.</summary>
public ref struct JobFieldsView
{
    private readonly ReadOnlySpan<byte> _payload;
    private readonly uint _jobIdTag;
    private readonly uint _timeTag;
    private uint _present;

    internal JobFieldsView(ReadOnlySpan<byte> payload, uint jobIdField, uint timeField)
    {
        _payload = payload;
        _jobIdTag = WireReader.BytesTag(jobIdField);
        _timeTag = WireReader.VarintTag(timeField);
    }

    /// <summary>The job.</summary>
    public ReadOnlySpan<byte> JobId { readonly get; private set; }

    /// <summary>Whether a job id was sent, be it empty.</summary>
    public bool HasJobId { readonly get; private set; }

    /// <summary>The start or end in seconds since 1970, as older clients send it.</summary>
    public long TimeSeconds { readonly get; private set; }

    /// <summary>Whether a time in seconds was sent, be it 0.</summary>
    public bool HasTimeSeconds { readonly get; private set; }

    /// <summary>The start or end in nanoseconds since 1970: as it was sent, else of the seconds.</summary>
    public readonly long TimeNs => HasTimeNs ? SentTimeNs : UnixTime.ToNanoseconds(TimeSeconds, UnixTime.Second);

    /// <summary>Whether a time in nanoseconds was sent.</summary>
    public readonly bool HasTimeNs => Has(JobField.TimeNs);

    /// <summary>The name of the job's user.</summary>
    public ReadOnlySpan<byte> Username { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasUsername => Has(JobField.Username);

    /// <summary>The user id.</summary>
    public uint Uid { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasUid => Has(JobField.Uid);

    /// <summary>The group id.</summary>
    public uint Gid { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasGid => Has(JobField.Gid);

    /// <summary>Who is charged for the job.</summary>
    public ReadOnlySpan<byte> Account { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasAccount => Has(JobField.Account);

    /// <summary>The partition or queue.</summary>
    public ReadOnlySpan<byte> Partition { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasPartition => Has(JobField.Partition);

    /// <summary>The name that the user gave the job.</summary>
    public ReadOnlySpan<byte> JobName { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasJobName => Has(JobField.JobName);

    /// <summary>The nodes, in the scheduler's way of writing.</summary>
    public ReadOnlySpan<byte> Nodes { readonly get; private set; }

    /// <summary>Whether they were sent.</summary>
    public readonly bool HasNodes => Has(JobField.Nodes);

    /// <summary>How many nodes.</summary>
    public uint NodeCount { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasNodeCount => Has(JobField.NodeCount);

    /// <summary>The cluster's name, as the scheduler knows it.</summary>
    public ReadOnlySpan<byte> Cluster { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasCluster => Has(JobField.Cluster);

    /// <summary>The array that the job is of.</summary>
    public ReadOnlySpan<byte> ArrayJobId { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasArrayJobId => Has(JobField.ArrayJobId);

    /// <summary>Which of the array.</summary>
    public uint ArrayTaskId { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasArrayTaskId => Has(JobField.ArrayTaskId);

    /// <summary>When the job was submitted, in nanoseconds since 1970.</summary>
    public long SubmitTimeNs { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasSubmitTimeNs => Has(JobField.SubmitTimeNs);

    /// <summary>Where it was submitted.</summary>
    public ReadOnlySpan<byte> SubmitHost { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasSubmitHost => Has(JobField.SubmitHost);

    /// <summary>The kind of the scheduler: <c>slurm</c>.</summary>
    public ReadOnlySpan<byte> Scheduler { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasScheduler => Has(JobField.Scheduler);

    /// <summary>The version of the plugin that sent it.</summary>
    public ReadOnlySpan<byte> SenderVersion { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasSenderVersion => Has(JobField.SenderVersion);

    /// <summary>The batch host.</summary>
    public ReadOnlySpan<byte> Hostname { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasHostname => Has(JobField.Hostname);

    /// <summary>How often the job had been started again before this run.</summary>
    public uint Restarts { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasRestarts => Has(JobField.Restarts);

    /// <summary>How many processors the job has.</summary>
    public uint CpuCount { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasCpuCount => Has(JobField.CpuCount);

    /// <summary>How many tasks the job asked for.</summary>
    public uint TaskCount { readonly get; private set; }

    /// <summary>Whether it was sent.</summary>
    public readonly bool HasTaskCount => Has(JobField.TaskCount);

    private long SentTimeNs { readonly get; set; }

    /// <summary>A reader at the beginning of the payload.</summary>
    internal readonly WireReader Reader() => new(_payload);

    /// <summary>Takes the field whose tag has just been read, or passes over it.</summary>
    /// <param name="reader">The reader, behind the tag.</param>
    /// <param name="tag">The tag.</param>
    /// <returns>False on an error.</returns>
    internal bool TryRead(ref WireReader reader, uint tag)
    {
        if (tag == _jobIdTag)
        {
            if (!reader.TryReadBytes(out ReadOnlySpan<byte> jobId)) return false;
            JobId = jobId;
            HasJobId = true;
            return true;
        }

        if (tag == _timeTag)
        {
            if (!reader.TryReadVarint(out ulong time)) return false;
            TimeSeconds = (long)time;
            HasTimeSeconds = true;
            return true;
        }

        uint field = tag >> 3;
        if (field is < JobField.First or > JobField.Last) return reader.TrySkip(tag);
        return tag == WireReader.BytesTag(field) ? TryReadText(ref reader, field)
            : tag == WireReader.VarintTag(field) ? TryReadNumber(ref reader, field)
            : reader.TrySkip(tag);
    }

    private bool TryReadText(ref WireReader reader, uint field)
    {
        if (!reader.TryReadBytes(out ReadOnlySpan<byte> value)) return false;
        switch (field)
        {
            case JobField.Username: Username = value; break;
            case JobField.Account: Account = value; break;
            case JobField.Partition: Partition = value; break;
            case JobField.JobName: JobName = value; break;
            case JobField.Nodes: Nodes = value; break;
            case JobField.Cluster: Cluster = value; break;
            case JobField.ArrayJobId: ArrayJobId = value; break;
            case JobField.SubmitHost: SubmitHost = value; break;
            case JobField.Scheduler: Scheduler = value; break;
            case JobField.SenderVersion: SenderVersion = value; break;
            case JobField.Hostname: Hostname = value; break;
            default: return true;
        }

        Mark(field);
        return true;
    }

    private bool TryReadNumber(ref WireReader reader, uint field)
    {
        if (!reader.TryReadVarint(out ulong value)) return false;
        switch (field)
        {
            case JobField.TimeNs: SentTimeNs = (long)value; break;
            case JobField.Uid: Uid = (uint)value; break;
            case JobField.Gid: Gid = (uint)value; break;
            case JobField.NodeCount: NodeCount = (uint)value; break;
            case JobField.ArrayTaskId: ArrayTaskId = (uint)value; break;
            case JobField.SubmitTimeNs: SubmitTimeNs = (long)value; break;
            case JobField.Restarts: Restarts = (uint)value; break;
            case JobField.CpuCount: CpuCount = (uint)value; break;
            case JobField.TaskCount: TaskCount = (uint)value; break;
            default: return true;
        }

        Mark(field);
        return true;
    }

    private void Mark(uint field) => _present |= 1u << (int)(field - JobField.First);

    private readonly bool Has(uint field) => (_present & (1u << (int)(field - JobField.First))) != 0;
}
