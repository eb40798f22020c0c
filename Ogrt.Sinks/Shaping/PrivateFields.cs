using Ogrt.Wire;

namespace Ogrt.Sinks.Shaping;

/// <summary>The tags of a process's fields that say something of a user, in one layout (docs/wire.md). A tag of 0 is none.</summary>
internal sealed record PrivateFields
{
    private static readonly PrivateFields Current = new()
    {
        Username = WireReader.BytesTag(306),
        Cmdline = WireReader.BytesTag(308),
        Environment = WireReader.BytesTag(309),
        Arguments = WireReader.BytesTag(310),
        Uid = WireReader.VarintTag(323),
        Gid = WireReader.VarintTag(324),
        EffectiveUid = WireReader.VarintTag(325),
    };

    private static readonly PrivateFields V03 = new()
    {
        Username = WireReader.BytesTag(306),
        Environment = WireReader.BytesTag(308),
        Arguments = WireReader.BytesTag(309),
    };

    public uint Username { get; private init; }

    public uint Cmdline { get; private init; }

    public uint Environment { get; private init; }

    public uint Arguments { get; private init; }

    public uint Uid { get; private init; }

    public uint Gid { get; private init; }

    public uint EffectiveUid { get; private init; }

    public static PrivateFields Of(WireLayout layout) => layout == WireLayout.V03 ? V03 : Current;

    public bool IsPrivate(uint tag) =>
        tag == Username || tag == Cmdline || tag == Environment || tag == Arguments || tag == Uid || tag == Gid || tag == EffectiveUid;
}
