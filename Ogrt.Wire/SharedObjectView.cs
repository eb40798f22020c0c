namespace Ogrt.Wire;

/// <summary>A shared object within a validated payload.</summary>
public readonly ref struct SharedObjectView
{
    private const uint BuildIdTag = (320 << 3) | 2;
    private const uint PathTag = (400 << 3) | 2;
    private const uint SignatureTag = (401 << 3) | 2;

    internal SharedObjectView(ReadOnlySpan<byte> message)
    {
        var fields = new MessageFields(message);
        while (fields.MoveNext())
        {
            switch (fields.Tag)
            {
                case PathTag:
                    Path = fields.Bytes;
                    HasPath = true;
                    break;
                case SignatureTag:
                    Signature = fields.Bytes;
                    HasSignature = true;
                    break;
                case BuildIdTag:
                    BuildId = fields.Bytes;
                    HasBuildId = true;
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
