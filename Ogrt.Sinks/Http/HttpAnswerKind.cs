namespace Ogrt.Sinks.Http;

/// <summary>What a request came to.</summary>
internal enum HttpAnswerKind
{
    /// <summary>There is a status and the whole body.</summary>
    Answered = 0,

    /// <summary>There is none: whether the server took what was sent is not known.</summary>
    NoAnswer,

    /// <summary>There is a status, and a body that is longer than is read: what it says is not known.</summary>
    TooLong,

    /// <summary>Nothing was sent, or nothing can come of it, before somebody changes a file or a setting.</summary>
    Misconfigured,
}
