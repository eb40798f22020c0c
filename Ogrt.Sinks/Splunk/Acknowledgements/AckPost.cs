namespace Ogrt.Sinks.Splunk.Acknowledgements;

/// <summary>A request on its way to a channel.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Floor">The highest number that the channel had given out when the request began; the request's is higher.</param>
internal sealed record AckPost(AckChannel Channel, long Floor)
{
    // Two requests with the same floor are two.
    public bool Equals(AckPost? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
