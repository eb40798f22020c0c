namespace Ogrt.Journal;

/// <summary>What looking at a segment's header gave.</summary>
internal enum SegmentCheck
{
    /// <summary>The header is right.</summary>
    Good,

    /// <summary>The header was damaged, the records are not; the header has been written anew.</summary>
    Repaired,

    /// <summary>The file is empty: its creation had not been finished.</summary>
    Unfinished,

    /// <summary>Nothing in it can be read, or it is another journal's.</summary>
    Unusable,
}
