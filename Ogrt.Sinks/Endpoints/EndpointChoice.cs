namespace Ogrt.Sinks.Endpoints;

/// <summary>
/// Chooses the endpoint of a request: the one with the fewest under way among those whose circuit is closed, equals in turn.
/// Safe for concurrent use.
/// </summary>
internal sealed class EndpointChoice(IReadOnlyList<IEndpoint> endpoints)
{
    private uint _turn;

    /// <summary>Chooses one.</summary>
    /// <param name="tried">Those that are out of the question, as they have failed already; null for none. One must be left.</param>
    /// <returns>Its index, and leave to send to it, which its circuit takes back.</returns>
    public (int Index, CircuitPermit Permit) Next(bool[]? tried)
    {
        uint turn = Interlocked.Increment(ref _turn);
        int best = -1;
        CircuitPermit permit = default;
        int soonest = -1;
        for (uint n = 0; n < endpoints.Count; n++)
        {
            // From another one each time, so that equals take turns.
            int index = (int)((turn + n) % (uint)endpoints.Count);
            IEndpoint endpoint = endpoints[index];
            if (tried is not null && tried[index])
                continue;
            if (endpoint.Circuit.TryEnter() is { } entered)
            {
                // One that is to be tried again is tried by this request; else nobody would know when it is back.
                if (entered.IsProbe)
                    return (index, entered);
                if (best < 0 || endpoint.InFlight < endpoints[best].InFlight)
                    (best, permit) = (index, entered);
            }
            else if (soonest < 0 || endpoint.Circuit.Until < endpoints[soonest].Circuit.Until)
            {
                soonest = index;
            }
        }
        return best >= 0 ? (best, permit) : (soonest, new CircuitPermit(IsProbe: false, IsForced: true));
    }

    /// <summary>Whether there is one left that has not failed and is not left alone.</summary>
    public bool HasAnother(bool[] tried)
    {
        for (int n = 0; n < tried.Length; n++)
        {
            if (!tried[n] && !endpoints[n].Circuit.IsOpen)
                return true;
        }
        return false;
    }
}
