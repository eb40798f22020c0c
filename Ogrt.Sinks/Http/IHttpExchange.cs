namespace Ogrt.Sinks.Http;

/// <summary>
/// What a protocol keeps of each server that a request goes to. A request that fails at one endpoint goes to the next: each of
/// them has a begin and an end, one behind the other.
/// </summary>
internal interface IHttpExchange
{
    /// <summary>The request goes to an endpoint now.</summary>
    /// <returns>A header that only this endpoint gets.</returns>
    KeyValuePair<string, string> Begin(HttpEndpoint endpoint);

    /// <summary>What came of it at that endpoint; null when it was given up and nothing is known.</summary>
    void End(HttpAnswer? answer);
}
