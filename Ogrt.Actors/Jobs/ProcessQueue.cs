namespace Ogrt.Actors.Jobs;

/// <summary>Processes without known children, in the order in which they may be collapsed. Linked through the entries.</summary>
internal sealed class ProcessQueue
{
    public ProcessEntry? First { get; private set; }

    private ProcessEntry? _last;

    public void Append(ProcessEntry entry)
    {
        entry.Queue = this;
        entry.QueuePrevious = _last;
        entry.QueueNext = null;
        if (_last is null)
            First = entry;
        else
            _last.QueueNext = entry;
        _last = entry;
    }

    public void Remove(ProcessEntry entry)
    {
        if (entry.QueuePrevious is { } previous)
            previous.QueueNext = entry.QueueNext;
        else
            First = entry.QueueNext;
        if (entry.QueueNext is { } next)
            next.QueuePrevious = entry.QueuePrevious;
        else
            _last = entry.QueuePrevious;
        entry.Queue = null;
        entry.QueuePrevious = entry.QueueNext = null;
    }
}
