using System.Text;
using Ogrt.Journal;
using Ogrt.Server.Cli;
using Ogrt.Wire;

namespace Ogrt.Server.Tail;

/// <summary>
/// Makes records of the journal's, and remembers what is needed to tell more than one frame does: the end of a process names neither
/// program nor user, and a descendant is told by its parents. All of it is bounded.
/// </summary>
internal sealed class TailSight(TailFilter filter)
{
    /// <summary>Processes that are remembered; of those seen longest ago nothing is known any more.</summary>
    public const int MostProcesses = 16_384;

    private readonly Dictionary<(string Host, int Pid), Known> _known = [];
    private readonly Queue<(string Host, int Pid)> _order = new();

    /// <summary>The record, when somebody wants to see it.</summary>
    public TailRecord? Look(in JournalRecord record)
    {
        if (!RecordKind.IsFrame(record.Kind) || record.Payload.Length < FrameHeader.Size) return null;
        ReadOnlySpan<byte> frame = record.Payload.Span;
        ReadOnlySpan<byte> message = frame[FrameHeader.Size..];
        WireLayout layout = RecordKind.LayoutOf(record.Kind);
        DateTimeOffset time = Durations.FromUnixNanoseconds(record.ArrivalUnixNs);
        TailRecord? seen = (FrameType)FrameHeader.Read(frame).Type switch
        {
            FrameType.ProcessInfo => Start(message, layout, time),
            FrameType.ProcessEnd => End(message, layout, time),
            FrameType.JobStart => JobStart(message, layout, time),
            FrameType.JobEnd => JobEnd(message, layout, time),
            _ => null,
        };
        return seen is not null && filter.Matches(seen) ? seen : null;
    }

    private TailRecord? Start(ReadOnlySpan<byte> message, WireLayout layout, DateTimeOffset time)
    {
        if (ProcessInfoView.TryParse(message, layout, out ProcessInfoView process) != WireError.None) return null;
        string host = Text(process.Hostname);
        if (!filter.WantsHost(host)) return null;
        string exe = Text(process.Binpath), user = Text(process.Username);
        bool under = IsUnder(host, process.Pid) || IsUnder(host, process.ParentPid);
        Remember(host, process.Pid, new Known(exe, user, under));
        if (filter.Under != 0 && !under) return null;
        ReadOnlySpan<byte> command = process.Cmdline;
        return new TailRecord
        {
            Time = time, Kind = "start", Host = host, Job = Text(process.JobId), User = user, Pid = process.Pid,
            ParentPid = process.HasParentPid ? process.ParentPid : null, Exe = exe,
            Command = command.IsEmpty ? Arguments(process) : Cut(Text(command[..Math.Min(command.Length, TailRecord.MostCommand * 4)])),
        };
    }

    private TailRecord? End(ReadOnlySpan<byte> message, WireLayout layout, DateTimeOffset time)
    {
        if (ProcessEndView.TryParse(message, layout, out ProcessEndView end) != WireError.None) return null;
        string host = Text(end.Hostname);
        if (!filter.WantsHost(host)) return null;
        Known known = _known.GetValueOrDefault((host, end.Pid), Known.Nothing);
        bool under = known.IsUnder || IsUnder(host, end.Pid);
        // The number may belong to another process from now on.
        _known.Remove((host, end.Pid));
        if (filter.Under != 0 && !under) return null;
        return new TailRecord
        {
            Time = time, Kind = "end", Host = host, Job = Text(end.JobId), User = known.User, Pid = end.Pid, Exe = known.Exe,
            ExitCode = end.HasExitCode && !end.HasExitSignal ? end.ExitCode : null, ExitSignal = end.HasExitSignal ? end.ExitSignal : null,
        };
    }

    private static TailRecord? JobStart(ReadOnlySpan<byte> message, WireLayout layout, DateTimeOffset time) =>
        JobStartView.TryParse(message, layout, out JobStartView start) == WireError.None
            ? new TailRecord { Time = time, Kind = "job-start", Job = Text(start.JobId), User = Text(start.Job.Username), Host = Text(start.Job.Hostname) }
            : null;

    private static TailRecord? JobEnd(ReadOnlySpan<byte> message, WireLayout layout, DateTimeOffset time) =>
        JobEndView.TryParse(message, layout, out JobEndView end) == WireError.None
            ? new TailRecord { Time = time, Kind = "job-end", Job = Text(end.JobId), User = Text(end.Job.Username), Host = Text(end.Job.Hostname) }
            : null;

    private bool IsUnder(string host, int pid) =>
        filter.Under != 0 && (pid == filter.Under || (_known.TryGetValue((host, pid), out Known? known) && known.IsUnder));

    private void Remember(string host, int pid, Known known)
    {
        if (_known.TryAdd((host, pid), known)) _order.Enqueue((host, pid));
        else _known[(host, pid)] = known;
        // What has ended is in the order still; it is gone when its turn comes.
        while (_order.Count > MostProcesses) _known.Remove(_order.Dequeue());
    }

    private static string Arguments(in ProcessInfoView process)
    {
        var text = new StringBuilder();
        foreach (ReadOnlySpan<byte> argument in process.Arguments)
        {
            if (text.Length > 0) text.Append(' ');
            text.Append(Text(argument[..Math.Min(argument.Length, TailRecord.MostCommand * 4)]));
            if (text.Length > TailRecord.MostCommand) break;
        }
        return Cut(text.ToString());
    }

    private static string Cut(string text) => text.Length <= TailRecord.MostCommand ? text : text[..TailRecord.MostCommand] + "…";

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private sealed record Known(string Exe, string User, bool IsUnder)
    {
        public static Known Nothing { get; } = new("", "", false);
    }
}
