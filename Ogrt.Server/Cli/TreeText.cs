using System.Globalization;
using System.Text;
using Ogrt.Wire.Protocol;

namespace Ogrt.Server.Cli;

/// <summary>Draws a job's process tree, as <c>pstree</c> does, a row for each place.</summary>
public sealed class TreeText(Terminal terminal, TreeOptions options)
{
    private const int Red = 31;
    private const int Yellow = 33;
    private const int Faint = 2;

    private readonly string _branch = terminal.Unicode ? "├─ " : "|- ";
    private readonly string _last = terminal.Unicode ? "└─ " : "`- ";
    private readonly string _through = terminal.Unicode ? "│  " : "|  ";
    private readonly string _mark = terminal.Unicode ? "…" : "+";
    private bool _hasOrphans;
    private bool _hasOther;
    private bool _manyRoots;

    /// <summary>Writes the heading, the tree, and a legend of what in it is not self-evident.</summary>
    public void Write(JobRecord record)
    {
        List<TreeNode> roots = TreeNode.Build(record);
        if (!options.Expand) roots = TreeNode.Fold(roots);
        _manyRoots = roots.Count(r => !r.IsOther) > 1;
        WriteRow(Heading(record), Heading(record));
        foreach (TreeNode root in roots) WriteNode(root, "", "");
        if (_hasOrphans)
            WriteNote("? Its parent was not seen: it is not tracked, began before the tracking, or its record is still on the way.");
        if (_hasOther)
            WriteNote("'other' counts processes past the limits of the tree (ogrt.jobs.max-nodes); each is kept with all it sent in the sinks.");
    }

    private void WriteNode(TreeNode node, string before, string below)
    {
        (string plain, string painted) = Label(node);
        WriteRow(before + plain, before + painted);
        for (int i = 0; i < node.Children.Count; i++)
        {
            bool last = i == node.Children.Count - 1;
            WriteNode(node.Children[i], below + (last ? _last : _branch), below + (last ? "   " : _through));
        }
    }

    private (string Plain, string Painted) Label(TreeNode node)
    {
        var plain = new StringBuilder();
        var painted = new StringBuilder();
        void Append(string text, int colour = 0)
        {
            plain.Append(text);
            painted.Append(colour == 0 ? text : terminal.Paint(colour, text));
        }

        if (node.IsOther)
        {
            _hasOther = true;
            Append(string.Create(CultureInfo.InvariantCulture, $"other: {node.Count} processes"), Yellow);
        }
        else
        {
            if (node.IsOrphan && _manyRoots)
            {
                _hasOrphans = true;
                Append("? ", Yellow);
            }
            string chain = string.Join(" => ", Programs(node));
            if (node.Count == 1)
            {
                Append(chain);
            }
            else
            {
                Append(node.Count.ToString(CultureInfo.InvariantCulture) + "*[", Faint);
                Append(chain);
                Append("]", Faint);
            }
        }
        if (Outcome(node) is { Length: > 0 } outcome)
        {
            Append("  ");
            Append(outcome, Red);
        }
        if (node.HostCount > 1) Append(string.Create(CultureInfo.InvariantCulture, $"  {node.HostCount} hosts"), Faint);
        if (options.Expand && node.Count == 1 && node.Source.HasPid)
            Append(string.Create(CultureInfo.InvariantCulture, $"  {node.Source.Pid}"), Faint);
        return (plain.ToString(), painted.ToString());
    }

    private IEnumerable<string> Programs(TreeNode node)
    {
        for (int i = 0; i < node.Chain.Count; i++)
        {
            bool command = (options.Arguments || options.Expand) && node.Commands[i].Length > 0;
            string name = command ? node.Commands[i] : Path.GetFileName(node.Chain[i].TrimEnd('/'));
            yield return name.Length > 0 ? SafeText.Of(name) : "(unknown)";
        }
        if (node.Chain.Count == 0) yield return "(unknown)";
    }

    /// <summary>What went wrong in a row, in words; empty when nothing did.</summary>
    internal static string Outcome(TreeNode node)
    {
        if (node.Failed == 0) return "";
        string last = node.ExitSignal != 0 ? "killed by " + Signals.Name(node.ExitSignal)
            : node.ExitCode is { } code and not 0 ? string.Create(CultureInfo.InvariantCulture, $"exit {code}") : "";
        if (node.Count == 1) return last.Length > 0 ? last : "failed";
        string failed = string.Create(CultureInfo.InvariantCulture, $"{node.Failed} failed");
        return last.Length > 0 ? $"{failed}, the last: {last}" : failed;
    }

    private static string Heading(JobRecord record)
    {
        var parts = new List<string> { JobText.State(record.State) };
        if (record.HasUser && record.User.Length > 0) parts.Add("user " + SafeText.Of(record.User.Span));
        parts.Add(record.HostCount == 1 && record.Hosts.Count == 1
            ? "host " + SafeText.Of(record.Hosts[0].Span)
            : JobText.Plural(record.HostCount, "host"));
        parts.Add(JobText.Plural(record.ProcessCount, "process"));
        if (record.SchedulerJob is { HasPartition: true } scheduler) parts.Insert(1, "partition " + SafeText.Of(scheduler.Partition.Span));
        if (SchedulerText.Outcome(record.SchedulerJob) is { Length: > 0 } outcome) parts.Insert(1, outcome);
        if (record.FailedCount > 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{record.FailedCount} failed"));
        if (JobText.Start(record) is { } start) parts.Add("started " + Durations.Local(start));
        string incarnation = record.Incarnation > 1 ? string.Create(CultureInfo.InvariantCulture, $" (run {record.Incarnation})") : "";
        return $"{SafeText.Of(record.JobId.Span)}{incarnation}: {string.Join(", ", parts)}";
    }

    private void WriteRow(string plain, string painted)
    {
        bool tooWide = options.Cut && terminal.Width < int.MaxValue && SafeText.Width(plain) > terminal.Width;
        terminal.Output.WriteLine(tooWide ? SafeText.Cut(plain, terminal.Width, _mark) : painted);
    }

    private void WriteNote(string note) => terminal.Output.WriteLine(terminal.Paint(Faint, note));
}
