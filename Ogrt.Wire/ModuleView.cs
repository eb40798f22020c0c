namespace Ogrt.Wire;

/// <summary>A loaded environment module within a validated payload.</summary>
public readonly ref struct ModuleView
{
    private const uint NameTag = (700 << 3) | 2;

    internal ModuleView(ReadOnlySpan<byte> message)
    {
        var fields = new MessageFields(message);
        while (fields.MoveNext())
        {
            if (fields.Tag != NameTag) continue;
            Name = fields.Bytes;
            HasName = true;
        }
    }

    /// <summary>The module's name and version, as <c>gcc/13.2.0</c>; empty when absent.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>Whether a name was sent, be it empty.</summary>
    public bool HasName { get; }
}
