using System.Net.Http.Headers;

namespace Ogrt.Sinks.Http;

/// <summary>A request to a target, whichever of its endpoints it goes to.</summary>
/// <param name="Method">The method.</param>
/// <param name="PathAndQuery">What stands behind the endpoint's own path; begins with a slash.</param>
internal sealed record HttpCall(HttpMethod Method, string PathAndQuery)
{
    /// <summary>The body; the caller owns it and disposes it when the answer is there.</summary>
    public RequestBody? Body { get; init; }

    /// <summary>The type of the body.</summary>
    public MediaTypeHeaderValue? ContentType { get; init; }

    /// <summary>Headers beside those that every request has.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Hears of each endpoint that is asked; null for nobody.</summary>
    public IHttpExchange? Exchange { get; init; }
}
