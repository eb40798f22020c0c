using Akka.Event;

namespace Ogrt.Sinks;

/// <summary>What sinks need of their server.</summary>
/// <param name="Cluster">The cluster's name (ogrt.cluster): part of event ids and of the identity of jobs.</param>
/// <param name="DataDirectory">The directory (ogrt.data-directory) that relative paths of sinks are below.</param>
/// <param name="Log">Where sinks say what an operator should know.</param>
public sealed record SinkContext(string Cluster, string DataDirectory, ILoggingAdapter Log)
{
    /// <summary>Job ids that mean: none (ogrt.jobs.ids-that-mean-none).</summary>
    public IReadOnlyList<string> IdsThatMeanNone { get; init; } = ["UNKNOWN"];

    /// <summary>A path of a setting as a full path.</summary>
    public string PathOf(string path) => Path.GetFullPath(path, Path.GetFullPath(DataDirectory));
}
