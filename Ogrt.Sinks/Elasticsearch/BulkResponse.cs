using System.Text;
using System.Text.Json;

namespace Ogrt.Sinks.Elasticsearch;

/// <summary>
/// Reads the answer to a bulk request item by item, in the order in which they were sent, and allocates nothing. The flag
/// <c>errors</c> is not used: what counts is what is said of each item. See <see cref="Read"/>.
/// </summary>
internal ref struct BulkResponse
{
    // What the reader reads: the body, or what is left of it.
    private ReadOnlySpan<byte> _text;
    private Utf8JsonReader _json;

    private BulkResponse(ReadOnlySpan<byte> body)
    {
        _text = body;
        _json = new Utf8JsonReader(body);
    }

    /// <summary>What is done with an item.</summary>
    /// <param name="number">Its number, from 0.</param>
    /// <param name="item">What is said of it.</param>
    public delegate void Take(int number, in BulkItem item);

    /// <summary>Reads an answer.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="take">Takes each item; not beyond <paramref name="expected"/>.</param>
    /// <param name="expected">How many items were sent.</param>
    /// <param name="count">How many the answer has.</param>
    /// <returns>False when it is no whole answer: what was taken before that does not count.</returns>
    public static bool Read(ReadOnlySpan<byte> body, int expected, Take take, out int count)
    {
        count = 0;
        var response = new BulkResponse(body);
        try
        {
            return response.ReadAnswer(expected, take, ref count);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Reads the error that a request as a whole was answered with.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="type">The type of the error; empty where it is a sentence only.</param>
    /// <param name="reason">The error in the server's words.</param>
    /// <returns>Whether it is an error of Elasticsearch's form.</returns>
    public static bool TryReadError(ReadOnlySpan<byte> body, out string type, out string reason)
    {
        (type, reason) = ("", "");
        var response = new BulkResponse(body);
        try
        {
            if (!response.Begin())
                return false;
            while (response.NextMember())
            {
                if (!response._json.ValueTextEquals("error"u8))
                {
                    response.SkipValue();
                    continue;
                }
                var item = new BulkItem();
                response.ReadError(ref item);
                (type, reason) = (Text(item.ErrorType), Text(item.ErrorReason));
                return true;
            }
        }
        catch (JsonException)
        {
            // Half of it may be a proxy's page.
        }
        return false;
    }

    /// <summary>A text of the JSON without its escapes.</summary>
    public static string Text(ReadOnlySpan<byte> escaped)
    {
        if (escaped.IndexOf((byte)'\\') < 0)
            return Encoding.UTF8.GetString(escaped);
        var json = new Utf8JsonReader([(byte)'"', .. escaped, (byte)'"']);
        return json.Read() ? json.GetString() ?? "" : "";
    }

    private bool ReadAnswer(int expected, Take take, ref int count)
    {
        if (!Begin())
            return false;
        bool hasItems = false;
        while (NextMember())
        {
            if (!_json.ValueTextEquals("items"u8))
            {
                SkipValue();
                continue;
            }
            _json.Read();
            if (_json.TokenType != JsonTokenType.StartArray)
                return false;
            hasItems = true;
            while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
            {
                long begin = _json.TokenStartIndex;
                var item = new BulkItem();
                ReadItem(ref item);
                if (count < expected)
                    take(count, item);
                count++;
                if (item.IsTaken)
                    PassSame((int)begin, item, expected, take, ref count);
            }
        }
        // Nothing may stand behind it: what does is not the answer to one request.
        return hasItems && _json.TokenType == JsonTokenType.EndObject && !_json.Read();
    }

    // A server that takes everything says the same of each item: what is the same to the byte means the same and need not be
    // read. Only an object is ever taken, so that no longer value can begin with its bytes.
    private void PassSame(int begin, in BulkItem item, int expected, Take take, ref int count)
    {
        int end = (int)_json.BytesConsumed;
        ReadOnlySpan<byte> same = _text[begin..end];
        ReadOnlySpan<byte> rest = _text[end..];
        while (rest.Length > same.Length && rest[0] == (byte)',' && rest[1..].StartsWith(same))
        {
            rest = rest[(same.Length + 1)..];
            if (count < expected)
                take(count, item);
            count++;
        }
        if (rest.Length == _text.Length - end)
            return;
        _text = rest;
        _json = new Utf8JsonReader(rest, isFinalBlock: true, _json.CurrentState);
    }

    // {"create":{"status":201}}: the name is the action.
    private void ReadItem(ref BulkItem item)
    {
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            _json.Skip();
            return;
        }
        while (NextMember())
        {
            _json.Read();
            if (_json.TokenType == JsonTokenType.StartObject)
                ReadResult(ref item);
            else
                _json.Skip();
        }
    }

    private void ReadResult(ref BulkItem item)
    {
        while (NextMember())
        {
            if (_json.ValueTextEquals("status"u8))
            {
                _json.Read();
                if (_json.TokenType == JsonTokenType.Number && _json.TryGetInt32(out int status))
                    item.Status = status;
                else
                    _json.Skip();
            }
            else if (_json.ValueTextEquals("error"u8))
            {
                ReadError(ref item);
            }
            else if (_json.ValueTextEquals("failure_store"u8))
            {
                _json.Read();
                item.IsInFailureStore = _json.TokenType == JsonTokenType.String && _json.ValueTextEquals("used"u8);
                _json.Skip();
            }
            else
            {
                SkipValue();
            }
        }
    }

    // {"type":"…","reason":"…"}, or a sentence as very old servers have it.
    private void ReadError(ref BulkItem item)
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.String)
        {
            item.ErrorReason = _json.ValueSpan;
            return;
        }
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            _json.Skip();
            return;
        }
        while (NextMember())
        {
            bool isType = _json.ValueTextEquals("type"u8);
            bool isReason = _json.ValueTextEquals("reason"u8);
            _json.Read();
            if (_json.TokenType == JsonTokenType.String && isType)
                item.ErrorType = _json.ValueSpan;
            else if (_json.TokenType == JsonTokenType.String && isReason)
                item.ErrorReason = _json.ValueSpan;
            else
                _json.Skip();
        }
    }

    private bool Begin() => _json.Read() && _json.TokenType == JsonTokenType.StartObject;

    // To the next name within the present object; false at its end.
    private bool NextMember() => _json.Read() && _json.TokenType == JsonTokenType.PropertyName;

    private void SkipValue()
    {
        _json.Read();
        _json.Skip();
    }
}
