using Google.Protobuf;
using Ogrt.Journal;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Sinks.Shaping;

/// <summary>Decides which records a sink gets.</summary>
/// <remarks>
/// A record that cannot be read passes: the sink behind finds that out too, and its dead letters are where somebody looks.
/// </remarks>
internal sealed class RecordFilter(FilterSettings settings)
{
    /// <summary>Whether a record passes.</summary>
    public bool Accepts(in JournalRecord record)
    {
        ReadOnlySpan<byte> bytes = record.Payload.Span;
        if (record.Kind == RecordKind.JobRecord)
            return Wants(RecordKinds.Job) && (!LooksInside || AcceptsJob(bytes));
        if (!RecordKind.IsFrame(record.Kind) || bytes.Length < FrameHeader.Size)
            return true;
        WireLayout layout = RecordKind.LayoutOf(record.Kind);
        ReadOnlySpan<byte> payload = bytes[FrameHeader.Size..];
        return (FrameType)FrameHeader.Read(bytes).Type switch
        {
            FrameType.ProcessInfo => Wants(RecordKinds.Process) && (!LooksInside || AcceptsProcess(payload, layout)),
            FrameType.ProcessEnd => Wants(RecordKinds.ProcessEnd) && (!LooksInside || AcceptsProcessEnd(payload, layout)),
            FrameType.JobStart => Wants(RecordKinds.JobStart) && (!LooksInside || AcceptsJobStart(payload, layout)),
            FrameType.JobEnd => Wants(RecordKinds.JobEnd) && (!LooksInside || AcceptsJobEnd(payload, layout)),
            _ => true,
        };
    }

    private bool LooksInside => !settings.Only.IsEmpty || !settings.Except.IsEmpty;

    private bool Wants(RecordKinds kind) => (settings.Kinds & kind) != 0;

    private bool AcceptsProcess(ReadOnlySpan<byte> payload, WireLayout layout)
    {
        if (ProcessInfoView.TryParse(payload, layout, out ProcessInfoView process) != WireError.None)
            return true;
        return Passes(settings.Only.JobIds, settings.Except.JobIds, process.JobId)
            && Passes(settings.Only.Users, settings.Except.Users, process.Username)
            && Passes(settings.Only.Hosts, settings.Except.Hosts, process.Hostname)
            && Passes(settings.Only.Paths, settings.Except.Paths, process.Binpath)
            && PassesCommandLine(process);
    }

    private bool AcceptsProcessEnd(ReadOnlySpan<byte> payload, WireLayout layout) =>
        ProcessEndView.TryParse(payload, layout, out ProcessEndView end) != WireError.None
        || (Passes(settings.Only.JobIds, settings.Except.JobIds, end.JobId) && Passes(settings.Only.Hosts, settings.Except.Hosts, end.Hostname));

    private bool AcceptsJobStart(ReadOnlySpan<byte> payload, WireLayout layout) =>
        JobStartView.TryParse(payload, layout, out JobStartView start) != WireError.None
        || Passes(settings.Only.JobIds, settings.Except.JobIds, start.JobId);

    private bool AcceptsJobEnd(ReadOnlySpan<byte> payload, WireLayout layout) =>
        JobEndView.TryParse(payload, layout, out JobEndView end) != WireError.None
        || Passes(settings.Only.JobIds, settings.Except.JobIds, end.JobId);

    private bool AcceptsJob(ReadOnlySpan<byte> bytes)
    {
        JobRecord job;
        try
        {
            job = JobRecord.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return true;
        }
        return Passes(settings.Only.JobIds, settings.Except.JobIds, job.JobId.Span)
            && Passes(settings.Only.Users, settings.Except.Users, job.User.Span)
            && PassesHosts(job);
    }

    /// <summary>A job is wanted with one wanted host, and unwanted when none of its hosts is anything else.</summary>
    private bool PassesHosts(JobRecord job)
    {
        if (job.Hosts.Count == 0)
            return settings.Only.Hosts.Count == 0;
        foreach (ByteString host in job.Hosts)
        {
            if (Passes(settings.Only.Hosts, settings.Except.Hosts, host.Span))
                return true;
        }
        return false;
    }

    private bool PassesCommandLine(in ProcessInfoView process)
    {
        IReadOnlyList<TextPattern> only = settings.Only.CommandLines, except = settings.Except.CommandLines;
        return (only.Count == 0 || AnyMatches(only, process.Cmdline)) && !AnyMatches(except, process.Cmdline);
    }

    private static bool Passes(IReadOnlyList<Glob> only, IReadOnlyList<Glob> except, ReadOnlySpan<byte> text) =>
        (only.Count == 0 || only.Any(text)) && !except.Any(text);

    private static bool AnyMatches(IReadOnlyList<TextPattern> patterns, ReadOnlySpan<byte> text)
    {
        foreach (TextPattern pattern in patterns)
        {
            if (pattern.IsMatch(text))
                return true;
        }
        return false;
    }
}
