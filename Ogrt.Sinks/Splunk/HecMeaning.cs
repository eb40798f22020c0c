namespace Ogrt.Sinks.Splunk;

/// <summary>What an answer of the collector says about a request.</summary>
internal enum HecMeaning
{
    /// <summary>It took all of it.</summary>
    Taken = 0,

    /// <summary>One event, which it may name, cannot be taken, and for its sake the whole request was not.</summary>
    EventRefused,

    /// <summary>Something else, which the verdict says.</summary>
    Other,
}
