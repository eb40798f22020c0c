namespace Ogrt.Wire;

/// <summary>
/// The kinds of records in the journal. The payload of a frame record is the whole frame as it was received, header
/// included; the payload of a job record is a serialized <see cref="Protocol.JobRecord"/>.
/// </summary>
public static class RecordKind
{
    /// <summary>A frame of the layout <see cref="WireLayout.Current"/>.</summary>
    public const byte Frame = 1;

    /// <summary>A frame of the layout <see cref="WireLayout.V03"/>.</summary>
    public const byte FrameV03 = 2;

    /// <summary>A frame of the layout <see cref="WireLayout.Next"/>.</summary>
    public const byte FrameNext = 3;

    /// <summary>A job with its process tree.</summary>
    public const byte JobRecord = 16;

    /// <summary>Whether records of this kind hold a frame.</summary>
    /// <param name="kind">The kind of a record.</param>
    /// <returns>Whether <see cref="LayoutOf"/> applies.</returns>
    public static bool IsFrame(byte kind) => kind is >= Frame and <= FrameNext;

    /// <summary>The layout of the frame in a record.</summary>
    /// <param name="kind">The kind of a record that <see cref="IsFrame"/> accepts.</param>
    /// <returns>The layout.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Records of this kind do not hold a frame.</exception>
    public static WireLayout LayoutOf(byte kind) => kind switch
    {
        Frame => WireLayout.Current,
        FrameV03 => WireLayout.V03,
        FrameNext => WireLayout.Next,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not the kind of a frame."),
    };

    /// <summary>The kind of record that keeps frames of a layout.</summary>
    /// <param name="layout">The layout of a listener.</param>
    /// <returns>The kind.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layout.</exception>
    public static byte KindOf(WireLayout layout) => layout switch
    {
        WireLayout.Current => Frame,
        WireLayout.V03 => FrameV03,
        WireLayout.Next => FrameNext,
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "Not a layout."),
    };
}
