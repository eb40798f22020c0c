using System.Text;
using Ogrt.Wire;

namespace Ogrt.Sinks.Splunk;

/// <summary>
/// What stands around the events of one type: <c>{"time":…,"host":…,"source":…,"sourcetype":…,"index":…,"event":</c> before and
/// <c>,"fields":{…}}</c> behind. All of it but the time, the host and the ids is written once.
/// </summary>
internal sealed class HecEnvelope
{
    private readonly byte[] _host;
    private readonly byte[] _where;
    private readonly byte[] _fields;

    public HecEnvelope(SplunkSettings settings, string cluster, string type)
    {
        _host = Member("host", settings.Host);
        string sourceType = settings.SourceType.Replace("TYPE", type, StringComparison.Ordinal);
        _where = [.. Member("source", settings.Source), .. Member("sourcetype", sourceType), .. Member("index", settings.Index), .. "\"event\":"u8];
        _fields = [.. ",\"fields\":{"u8, .. Member("cluster", cluster), .. Member("type", type), .. "\"event_id\":\""u8];
    }

    /// <summary>Begins an event; what follows is its JSON.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="timeNs">When it happened, in nanoseconds since 1970; below 0 it is not said.</param>
    /// <param name="host">Where it happened, unless the settings name a host; empty for no host.</param>
    public void Begin(BatchBuffer output, long timeNs, ReadOnlySpan<byte> host)
    {
        output.Write("{"u8);
        if (timeNs >= 0)
        {
            output.Write("\"time\":"u8);
            output.Advance(HecTime.Write(timeNs, output.GetSpan(HecTime.MaxLength)));
            output.Write(","u8);
        }
        if (_host.Length > 0)
            output.Write(_host);
        else if (!host.IsEmpty)
        {
            output.Write("\"host\":"u8);
            JsonString.Write(output, host);
            output.Write(","u8);
        }
        output.Write(_where);
    }

    /// <summary>Ends an event with the fields that Splunk indexes: strings, none of them empty.</summary>
    public void End(BatchBuffer output, UInt128 id, ReadOnlySpan<byte> jobId, ReadOnlySpan<byte> user)
    {
        output.Write(_fields);
        EventId.Write(id, output.GetSpan(EventId.TextLength));
        output.Advance(EventId.TextLength);
        output.Write("\""u8);
        Field(output, ",\"job_id\":"u8, jobId);
        Field(output, ",\"username\":"u8, user);
        output.Write("}}\n"u8);
    }

    private static void Field(BatchBuffer output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return;
        output.Write(name);
        JsonString.Write(output, value);
    }

    private static byte[] Member(string name, string value)
    {
        if (value.Length == 0)
            return [];
        var text = new BatchBuffer(64);
        text.Write(Encoding.ASCII.GetBytes($"\"{name}\":"));
        JsonString.Write(text, Encoding.UTF8.GetBytes(value));
        text.Write(","u8);
        return text.Written.ToArray();
    }
}
