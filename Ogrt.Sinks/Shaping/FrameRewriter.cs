using System.Buffers.Binary;
using Google.Protobuf;
using Ogrt.Journal;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Sinks.Shaping;

/// <summary>
/// Makes the record that a sink may see of one that was received: fields are left out, replaced or blacked out, all others stay
/// byte for byte, also those that this program does not know. Used by one thread at a time.
/// </summary>
internal sealed class FrameRewriter(FieldSettings settings, UserHash? hash)
{
    private readonly BatchBuffer _output = new(4096);
    private readonly Redaction _redaction = new(settings.Secrets);
    private readonly List<byte[]> _arguments = [];

    /// <summary>The record that the sink may see; its bytes are valid until the next call.</summary>
    /// <remarks>What cannot be read as what it says it is stays as it is: no sink can write it either.</remarks>
    public JournalRecord Rewrite(in JournalRecord record)
    {
        ReadOnlySpan<byte> bytes = record.Payload.Span;
        if (record.Kind == RecordKind.JobRecord)
            return RewriteJob(record);
        if (!RecordKind.IsFrame(record.Kind) || bytes.Length < FrameHeader.Size)
            return record;
        uint type = FrameHeader.Read(bytes).Type;
        if ((FrameType)type is not FrameType.ProcessInfo)
            return record;
        _output.Clear(1 << 20);
        _output.Write(bytes[..FrameHeader.Size]);
        _arguments.Clear();
        if (!TryRewriteProcess(bytes[FrameHeader.Size..], PrivateFields.Of(RecordKind.LayoutOf(record.Kind))))
            return record;
        Memory<byte> whole = _output.Written;
        BinaryPrimitives.WriteUInt32BigEndian(whole.Span[4..], (uint)(whole.Length - FrameHeader.Size));
        return record.With(record.Kind, whole);
    }

    private bool TryRewriteProcess(ReadOnlySpan<byte> payload, PrivateFields fields)
    {
        var reader = new WireReader(payload);
        while (!reader.AtEnd)
        {
            int begin = reader.Position;
            if (!reader.TryReadTag(out uint tag))
                return false;
            int behindTag = reader.Position;
            if (!reader.TrySkip(tag))
                return false;
            ReadOnlySpan<byte> whole = payload[begin..reader.Position];
            if (!fields.IsPrivate(tag))
            {
                _output.Write(whole);
                continue;
            }
            var value = new WireReader(payload[behindTag..reader.Position]);
            if (tag == fields.Uid || tag == fields.Gid || tag == fields.EffectiveUid)
                Keep(whole, settings.Users == UserChoice.Keep);
            else if (!value.TryReadBytes(out ReadOnlySpan<byte> text))
                return false;
            else if (tag == fields.Username)
                PutUser(tag, text, whole);
            else if (tag == fields.Environment)
                PutVariable(tag, text, whole);
            else if (tag == fields.Arguments)
                _arguments.Add(text.ToArray());
            else
                PutRedacted(tag, text, whole);
        }
        foreach (byte[] argument in _redaction.Of(_arguments) ?? _arguments)
            Put(fields.Arguments, argument);
        return true;
    }

    private void PutUser(uint tag, ReadOnlySpan<byte> name, ReadOnlySpan<byte> whole)
    {
        if (settings.Users == UserChoice.Hash)
            Put(tag, hash!.Of(name));
        else
            Keep(whole, settings.Users == UserChoice.Keep);
    }

    private void PutVariable(uint tag, ReadOnlySpan<byte> variable, ReadOnlySpan<byte> whole)
    {
        int equals = variable.IndexOf((byte)'=');
        ReadOnlySpan<byte> name = equals < 0 ? variable : variable[..equals];
        if (settings.EnvironmentNames is { } kept && !kept.Any(name))
            return;
        PutRedacted(tag, variable, whole);
    }

    private void PutRedacted(uint tag, ReadOnlySpan<byte> text, ReadOnlySpan<byte> whole)
    {
        if (!_redaction.IsEmpty && _redaction.Of(text) is { } redacted)
            Put(tag, redacted);
        else
            _output.Write(whole);
    }

    private void Keep(ReadOnlySpan<byte> whole, bool keep)
    {
        if (keep)
            _output.Write(whole);
    }

    private void Put(uint tag, ReadOnlySpan<byte> value)
    {
        Local.Varint.Write(_output, tag);
        Local.Varint.Write(_output, (ulong)value.Length);
        _output.Write(value);
    }

    private JournalRecord RewriteJob(in JournalRecord record)
    {
        JobRecord job;
        try
        {
            job = JobRecord.Parser.ParseFrom(record.Payload.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return record;
        }
        if (settings.Users == UserChoice.Drop)
            job.User = ByteString.Empty;
        else if (settings.Users == UserChoice.Hash && !job.User.IsEmpty)
            job.User = ByteString.CopyFrom(hash!.Of(job.User.Span));
        if (!_redaction.IsEmpty)
        {
            for (int n = 0; n < job.Text.Count; n++)
            {
                if (_redaction.Of(job.Text[n].Span) is { } redacted)
                    job.Text[n] = ByteString.CopyFrom(redacted);
            }
        }
        return record.With(record.Kind, job.ToByteArray());
    }
}
