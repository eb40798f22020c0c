using Ogrt.Server.Overview;

namespace Ogrt.Server.Cli.Watch;

/// <summary>The actors of a node by kind, with rates from two looks.</summary>
internal static class ActorTable
{
    /// <summary>Makes the table; kinds of which nobody lives and nothing was counted are left out.</summary>
    public static TextTable Of(IReadOnlyList<ActorKindView> now, IReadOnlyList<ActorKindView> before, double seconds)
    {
        var table = new TextTable(
            new TextTable.Column("ACTORS"), new TextTable.Column("LIVE", true), new TextTable.Column("MAILBOX", true), new TextTable.Column("DEEPEST", true),
            new TextTable.Column("WAIT", true), new TextTable.Column("HANDLED/s", true), new TextTable.Column("TIME EACH", true),
            new TextTable.Column("RESTARTS", true), new TextTable.Column("UNHANDLED", true), new TextTable.Column("DEAD LETTERS", true));
        foreach (ActorKindView kind in now)
        {
            if (kind is { Live: 0, Handled: 0 or null, DeadLetters: 0, Unhandled: 0 }) continue;
            ActorKindView? old = before.FirstOrDefault(b => b.Kind == kind.Kind);
            double? handled = kind.Handled - old?.Handled, time = kind.HandlingSeconds - old?.HandlingSeconds;
            table.Add(
                kind.Kind, Figures.Count(kind.Live, raw: false), Figures.Count(kind.Messages, raw: false), Figures.Count(kind.Deepest, raw: false),
                Figures.Seconds(kind.WaitSeconds), Figures.Rate(handled >= 0 && seconds > 0 ? handled / seconds : null, raw: false),
                handled > 0 ? Figures.Seconds(time / handled) : Figures.Unknown, Figures.Count(kind.Restarts, raw: false),
                Figures.Count(kind.Unhandled, raw: false), Figures.Count(kind.DeadLetters, raw: false));
        }
        return table;
    }
}
