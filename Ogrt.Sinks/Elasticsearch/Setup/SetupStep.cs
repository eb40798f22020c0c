using System.Text.Json.Nodes;

namespace Ogrt.Sinks.Elasticsearch.Setup;

/// <summary>One thing on the server, as it should be.</summary>
/// <param name="What">What it is, in words.</param>
/// <param name="Path">Where the server keeps it.</param>
/// <param name="Body">What it should be.</param>
/// <param name="State">How it is now.</param>
/// <param name="Detail">What differs, or why it cannot be; empty when there is nothing to say.</param>
public sealed record SetupStep(string What, string Path, JsonObject Body, SetupState State, string Detail)
{
    /// <summary>The path to write it to, with what makes the server sure that it replaces what was looked at.</summary>
    internal string WritePath { get; init; } = Path;

    /// <summary>Whether there is something to do.</summary>
    public bool IsToDo => State is SetupState.Missing or SetupState.Differs;
}
