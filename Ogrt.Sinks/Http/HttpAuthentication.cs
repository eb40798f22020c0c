namespace Ogrt.Sinks.Http;

/// <summary>How requests say who sends them.</summary>
public enum HttpAuthentication
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>User name and password (https://www.rfc-editor.org/rfc/rfc7617).</summary>
    Basic,

    /// <summary>An API key of Elasticsearch: <c>id:key</c>, or the same in base64 as the server hands it out.</summary>
    ApiKey,

    /// <summary>A bearer token (https://www.rfc-editor.org/rfc/rfc6750).</summary>
    Bearer,

    /// <summary>A token of Splunk's HTTP event collector.</summary>
    Splunk,
}
