using System.Globalization;
using System.Text.Json;
using Ogrt.Sinks.DeadLetters;

namespace Ogrt.Server.Cli;

/// <summary>Prints dead letters: as rows, as JSON objects, or one of them whole.</summary>
internal sealed class DeadLetterText(Terminal terminal)
{
    private readonly TextTable _table = new(
        new TextTable.Column("NUMBER", true), new TextTable.Column("REFUSED"), new TextTable.Column("STATUS", true), new TextTable.Column("REASON"),
        new TextTable.Column("RECORD"), new TextTable.Column("DETAIL"));

    private bool _json;
    private bool _any;

    public void Begin(bool json) => _json = json;

    public void Add(KeptLetter kept)
    {
        _any = true;
        DeadLetter letter = kept.Letter;
        if (_json)
        {
            terminal.Output.WriteLine(Json(kept));
            return;
        }
        _table.Add(
            kept.Number.ToString(CultureInfo.InvariantCulture), Durations.Local(Durations.FromUnixNanoseconds(letter.RefusedUnixNs)),
            letter.Status == 0 ? "-" : letter.Status.ToString(CultureInfo.InvariantCulture), SafeText.Of(letter.Reason),
            JournalDump.What(letter.Kind, letter.Original), SafeText.Of(letter.Detail));
    }

    public void End()
    {
        if (_any && !_json) _table.Write(terminal);
    }

    public void Show(KeptLetter kept, bool json)
    {
        DeadLetter letter = kept.Letter;
        if (json)
        {
            terminal.Output.WriteLine(Json(kept));
            return;
        }
        void Line(string name, string text) => terminal.Output.WriteLine($"{name,-10}{text}");

        Line("Number", kept.Number.ToString(CultureInfo.InvariantCulture));
        Line("Refused", Durations.Local(Durations.FromUnixNanoseconds(letter.RefusedUnixNs)));
        Line("Arrived", $"{Durations.Local(Durations.FromUnixNanoseconds(letter.ArrivalUnixNs))} from {letter.Sender}");
        Line("Reason", SafeText.Of(letter.Reason) + (letter.Status == 0 ? "" : FormattableString.Invariant($" ({letter.Status})")));
        Line("Detail", SafeText.Of(letter.Detail));
        Line("Attempts", letter.Attempts.ToString(CultureInfo.InvariantCulture));
        Line("Record", JournalDump.What(letter.Kind, letter.Original));
        terminal.Output.WriteLine(SafeText.Of(JournalDump.Content(letter.Kind, letter.Original)));
    }

    private static string Json(KeptLetter kept)
    {
        DeadLetter letter = kept.Letter;
        using JsonDocument content = JsonDocument.Parse(JournalDump.Content(letter.Kind, letter.Original));
        return JsonSerializer.Serialize(new
        {
            number = kept.Number,
            refused = Durations.Utc(Durations.FromUnixNanoseconds(letter.RefusedUnixNs)),
            arrival = Durations.Utc(Durations.FromUnixNanoseconds(letter.ArrivalUnixNs)),
            sender = letter.Sender.ToString(),
            reason = letter.Reason,
            status = letter.Status,
            detail = letter.Detail,
            attempts = letter.Attempts,
            offset = letter.Offset,
            sequence = letter.Sequence,
            kind = JournalDump.KindName(letter.Kind),
            record = content.RootElement,
        });
    }
}
