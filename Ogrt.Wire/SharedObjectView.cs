namespace Ogrt.Wire;

/// <summary>A shared object within a validated payload.</summary>
public readonly ref struct SharedObjectView
{
    private const uint BuildIdTag = (320 << 3) | 2;
    private const uint PathTag = (400 << 3) | 2;
    private const uint SignatureTag = (401 << 3) | 2;

    internal SharedObjectView(ReadOnlySpan<byte> message)
    {
        var reader = new WireReader(message);
        while (reader.TryReadTag(out uint tag))
        {
            ReadOnlySpan<byte> value;
            switch (tag)
            {
                case PathTag when reader.TryReadBytes(out value):
                    Path = value;
                    HasPath = true;
                    break;
                case SignatureTag when reader.TryReadBytes(out value):
                    Signature = value;
                    HasSignature = true;
                    break;
                case BuildIdTag when reader.TryReadBytes(out value):
                    BuildId = value;
                    HasBuildId = true;
                    break;
                default:
                    if (!reader.TrySkip(tag, 1)) return;
                    break;
            }
        }
    }

    /// <summary>Where the object was loaded from; empty when absent.</summary>
    public ReadOnlySpan<byte> Path { get; }

    /// <summary>The watermark that it got when it was linked: a UUID as text; empty when absent.</summary>
    public ReadOnlySpan<byte> Signature { get; }

    /// <summary>Its GNU build-id, raw; empty when absent.</summary>
    public ReadOnlySpan<byte> BuildId { get; }

    /// <summary>Whether a path was sent, be it empty.</summary>
    public bool HasPath { get; }

    /// <summary>Whether a signature was sent, be it empty.</summary>
    public bool HasSignature { get; }

    /// <summary>Whether a build-id was sent, be it empty.</summary>
    public bool HasBuildId { get; }
}
