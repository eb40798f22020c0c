namespace Ogrt.Actors.Watch;

/// <summary>An actor in the tree, or several alike ones that are counted together.</summary>
/// <param name="Name">Its name; "…" for several.</param>
/// <param name="Kind">The label of its kind.</param>
/// <param name="Count">1, or how many these are.</param>
/// <param name="Actors">The actors of this branch, with this one.</param>
/// <param name="Messages">Messages in its mailbox.</param>
/// <param name="AllMessages">Messages in all mailboxes of this branch.</param>
/// <param name="Children">The actors below it.</param>
public sealed record ActorNode(
    string Name, string Kind, int Count, long Actors, long Messages, long AllMessages, IReadOnlyList<ActorNode> Children);
