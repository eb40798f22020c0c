namespace Ogrt.Sinks.Splunk.Acknowledgements;

/// <summary>What became of a request that was taken.</summary>
internal enum AckOutcome
{
    /// <summary>It is indexed.</summary>
    Acknowledged = 0,

    /// <summary>Nothing was heard in time.</summary>
    TimedOut,

    /// <summary>Its number may stand for another request by now: what is said about it says nothing.</summary>
    Ambiguous,

    /// <summary>The token has no acknowledgement.</summary>
    Disabled,
}
