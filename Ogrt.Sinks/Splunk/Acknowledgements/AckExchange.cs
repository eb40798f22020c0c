using Ogrt.Sinks.Http;

namespace Ogrt.Sinks.Splunk.Acknowledgements;

/// <summary>One request with events, at each endpoint that it goes to until one takes it.</summary>
internal sealed class AckExchange(Func<HttpEndpoint, EndpointAcks> acksOf) : IHttpExchange
{
    private EndpointAcks? _acks;
    private AckPost? _post;

    /// <summary>The last endpoint's channels.</summary>
    public EndpointAcks Acks => _acks!;

    /// <summary>The last endpoint's channel.</summary>
    public AckChannel Channel => _post!.Channel;

    /// <summary>What waits for its acknowledgement; null where the request was not taken under a number of its own.</summary>
    public PendingAck? Pending { get; private set; }

    /// <summary>Whether the request was taken without a number.</summary>
    public bool HasNoNumber { get; private set; }

    public KeyValuePair<string, string> Begin(HttpEndpoint endpoint)
    {
        _acks = acksOf(endpoint);
        _post = _acks.Begin();
        return new(HecPaths.ChannelHeader, _post.Channel.Name);
    }

    public void End(HttpAnswer? answer)
    {
        AckPost post = _post!;
        if (answer is { IsSuccess: true } && HecAnswer.Read(answer.Body.Span) is { Code: 0 } said)
        {
            HasNoNumber = said.AckId is null;
            if (said.AckId is { } id)
                Pending = post.Channel.Taken(post, id);
            else
                post.Channel.Refused(post);
        }
        else if (WasNotTaken(answer))
        {
            post.Channel.Refused(post);
        }
        else
        {
            post.Channel.Unknown();
        }
    }

    // A gateway that got no answer does not know what the collector did, and says 502 or 504.
    private static bool WasNotTaken(HttpAnswer? answer) => answer is not null && answer.Kind switch
    {
        HttpAnswerKind.Misconfigured => true,
        HttpAnswerKind.NoAnswer => answer.Reason is "connect_failed" or "connect_timeout" or "name_not_resolved",
        HttpAnswerKind.Answered => !answer.IsSuccess && answer.Status is not (502 or 504),
        _ => false,
    };
}
