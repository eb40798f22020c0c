namespace Ogrt.Sinks;

/// <summary>What a sink does when the journal is full and it is the reader that holds it back.</summary>
public enum JournalFullPolicy
{
    /// <summary>The journal stays full until the target takes records again; listeners stop reading meanwhile.</summary>
    Wait = 0,

    /// <summary>The sink gives its oldest records up, counted as dropped. Other sinks still get them.</summary>
    Skip,
}
