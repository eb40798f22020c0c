namespace Ogrt.Sinks.Shaping;

/// <summary>Which records a sink gets. An empty list restricts nothing.</summary>
/// <remarks>
/// A record has to pass every criterion that it has something to say about: the end of a process has no user and no path, so
/// it is not held against it that a filter asks for one.
/// </remarks>
public sealed record FilterSettings
{
    /// <summary>The kinds of records.</summary>
    public required RecordKinds Kinds { get; init; }

    /// <summary>What a record must match, one pattern of each list that is not empty.</summary>
    public required Criteria Only { get; init; }

    /// <summary>What takes a record out: one match of any list.</summary>
    public required Criteria Except { get; init; }

    /// <summary>Whether every record passes.</summary>
    public bool IsEmpty => Kinds == RecordKinds.All && Only.IsEmpty && Except.IsEmpty;

    internal static FilterSettings Create(SettingReader read)
    {
        TimeSpan limit = read.Duration("filter.regex-timeout", TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(10));
        return new FilterSettings
        {
            Kinds = read.Texts("filter.kinds").Aggregate(RecordKinds.None, (kinds, name) => kinds | KindOf(read, name)),
            Only = Criteria.Create(read, "filter.only", limit),
            Except = Criteria.Create(read, "filter.except", limit),
        };
    }

    private static RecordKinds KindOf(SettingReader read, string name) => name switch
    {
        "process" => RecordKinds.Process,
        "process-end" => RecordKinds.ProcessEnd,
        "job-start" => RecordKinds.JobStart,
        "job-end" => RecordKinds.JobEnd,
        "job" => RecordKinds.Job,
        _ => throw read.Fail("filter.kinds", $"has \"{name}\"; the kinds are process, process-end, job-start, job-end and job"),
    };
}
