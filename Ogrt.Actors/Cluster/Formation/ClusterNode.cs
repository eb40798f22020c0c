namespace Ogrt.Actors.Cluster.Formation;

/// <summary>What the rest of the server sees of this node's way into the cluster.</summary>
public sealed class ClusterNode
{
    private readonly TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _withdrawn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _leave = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string _waitsFor = "";
    private volatile string _clusterId = "";

    /// <summary>Completes when the node is up in its cluster.</summary>
    public Task Up => _up.Task;

    /// <summary>Completes, with the reason in words, when this process has to be started again to get into the right cluster.</summary>
    public Task<string> Withdrawn => _withdrawn.Task;

    /// <summary>Completes, with the reason in words, when the configuration does not fit the cluster that the node found.</summary>
    public Task<string> Refused => _refused.Task;

    /// <summary>Completes, with the node that asked, when another node's operator asks this one to leave.</summary>
    public Task<string> LeaveAsked => _leave.Task;

    /// <summary>What the node waits for on its way in; empty when it is up.</summary>
    public string WaitsFor
    {
        get => _waitsFor;
        internal set => _waitsFor = value;
    }

    /// <summary>Which cluster the node is in: its founder. Empty while it is in none, or alone.</summary>
    public string ClusterId
    {
        get => _clusterId;
        internal set => _clusterId = value;
    }

    internal void SetUp() => _up.TrySetResult();

    internal void Refuse(string why) => _refused.TrySetResult(why);

    internal void Withdraw(string why) => _withdrawn.TrySetResult(why);

    internal void AskToLeave(string from) => _leave.TrySetResult(from);
}
