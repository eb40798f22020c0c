using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsCheck;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Sinks.Elasticsearch;
using Ogrt.Specs.Wire;
using Ogrt.Wire;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>
/// The items that the encoder writes beside the same ones written plainly: field by field with <see cref="Utf8JsonWriter"/>,
/// from strings, without a cache.
/// </summary>
public sealed class BulkOracleSpec
{
    private const int Samples = 3_000;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Processes_of_any_bytes_are_the_documents_that_a_plain_writer_makes()
    {
        // One for all, so that what the cache holds of one is there when another comes.
        BulkEncoder encoder = EsSinks.Encoder();
        var output = new BatchBuffer(16);
        Gen.Select(Gen.OneOf(WireGen.ProcessInfo, WireGen.ProcessInfoOfAnyBytes), Gen.Bool).Sample(
            (payload, old) =>
            {
                byte kind = RecordKind.KindOf(old ? WireLayout.V03 : WireLayout.Current);
                byte[] frame = WireGen.Frame(12, payload);
                JournalRecord record = Frames.Record(kind, frame);
                output.Truncate(0);
                EncodeResult result = encoder.Encode(record, output);
                if (ProcessInfoView.TryParse(payload, RecordKind.LayoutOf(kind), out ProcessInfoView process) != WireError.None)
                {
                    Assert.Equal(EncodeKind.Refused, result.Kind);
                    return;
                }
                string text = Encoding.UTF8.GetString(output.Written.Span);
                string[] lines = text.Split('\n');
                Assert.Equal(3, lines.Length);
                Assert.Equal("", lines[2]);
                // No replacement that the encoder has not written itself.
                Assert.Equal(output.Written.ToArray(), Encoding.UTF8.GetBytes(text));
                Assert.StartsWith("{\"create\":{\"_index\":\"ogrt-processes-", lines[0], StringComparison.Ordinal);
                Assert.EndsWith($"\",\"_id\":\"{result.EventId:x32}\"}}}}", lines[0], StringComparison.Ordinal);
                using JsonDocument ours = JsonDocument.Parse(lines[1]);
                using JsonDocument plain = JsonDocument.Parse(Plain(process, record.ArrivalUnixNs));
                Assert.True(JsonElement.DeepEquals(plain.RootElement, ours.RootElement), plain.RootElement.GetRawText() + "\n" + lines[1]);
                Assert.Equal(plain.RootElement.EnumerateObject().Select(p => p.Name), ours.RootElement.EnumerateObject().Select(p => p.Name));
            }, iter: Samples, threads: 1);
    }

    private static byte[] Plain(in ProcessInfoView process, long arrival)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("@timestamp", Timestamp(process, arrival));
            json.WriteString("type", "process");
            WriteTexts(json, "arguments", process.Arguments);
            Write(json, "binpath", process.HasBinpath, process.Binpath);
            Write(json, "cmdline", process.HasCmdline, process.Cmdline);
            Write(json, "cwd", process.HasCwd, process.Cwd);
            Write(json, "effective_uid", process.HasEffectiveUid, process.EffectiveUid);
            WriteTexts(json, "environment_variables", process.EnvironmentVariables);
            Write(json, "exec_path", process.HasExecPath, process.ExecPath);
            WriteHex(json, "executable_build_id", process.HasExecutableBuildId, process.ExecutableBuildId);
            Write(json, "executable_device", process.HasExecutableDevice, process.ExecutableDevice);
            Write(json, "executable_inode", process.HasExecutableInode, process.ExecutableInode);
            Write(json, "executable_mtime_ns", process.HasExecutableMtimeNs, process.ExecutableMtimeNs);
            Write(json, "executable_size", process.HasExecutableSize, process.ExecutableSize);
            Write(json, "failed_sends", process.HasFailedSends, process.FailedSends);
            Write(json, "flags", process.HasFlags, process.Flags);
            Write(json, "gid", process.HasGid, process.Gid);
            Write(json, "hostname", process.HasHostname, process.Hostname);
            Write(json, "job_id", process.HasJobId, process.JobId);
            Write(json, "job_step", process.HasJobStep, process.JobStep);
            WriteModules(json, process);
            Write(json, "parent_pid", process.HasParentPid, process.ParentPid);
            Write(json, "parent_start_ticks", process.HasParentStartTicks, process.ParentStartTicks);
            Write(json, "pid", process.HasPid, process.Pid);
            Write(json, "rank", process.HasRank, process.Rank);
            Write(json, "scheduler", process.HasScheduler, process.Scheduler);
            WriteObjects(json, process);
            Write(json, "shim_version", process.HasShimVersion, process.ShimVersion);
            Write(json, "signature", process.HasSignature, process.Signature);
            Write(json, "start_ticks", process.HasStartTicks, process.StartTicks);
            Write(json, "time", process.HasTime, process.TimeMilliseconds);
            Write(json, "time_ns", process.HasTimeNs, process.TimeNs);
            Write(json, "uid", process.HasUid, process.Uid);
            Write(json, "username", process.HasUsername, process.Username);
            WriteHex(json, "uuid", process.HasUuid, process.Uuid);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    // Its own, unless it is too far from the arrival.
    private static long Timestamp(in ProcessInfoView process, long arrival)
    {
        ElasticsearchSettings settings = EsSinks.Create();
        decimal difference = process.HasTime ? (process.TimeNs / 1_000_000_000) - (decimal)(arrival / 1_000_000_000) : 0;
        bool isNear = difference >= -(decimal)settings.TimePast.TotalSeconds && difference <= (decimal)settings.TimeFuture.TotalSeconds;
        return (long)Math.Floor((process.HasTime && isNear ? process.TimeNs : arrival) / 1_000_000m);
    }

    private static void WriteObjects(Utf8JsonWriter json, in ProcessInfoView process)
    {
        if (process.SharedObjects.Count == 0)
            return;
        json.WriteStartArray("shared_objects");
        foreach (SharedObjectView item in process.SharedObjects)
        {
            json.WriteStartObject();
            WriteHex(json, "build_id", item.HasBuildId, item.BuildId);
            Write(json, "path", item.HasPath, item.Path);
            Write(json, "signature", item.HasSignature, item.Signature);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteModules(Utf8JsonWriter json, in ProcessInfoView process)
    {
        if (process.LoadedModules.Count == 0)
            return;
        json.WriteStartArray("loaded_modules");
        foreach (ModuleView item in process.LoadedModules)
        {
            json.WriteStartObject();
            Write(json, "name", item.HasName, item.Name);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, BytesEnumerable texts)
    {
        if (texts.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (ReadOnlySpan<byte> text in texts)
            json.WriteStringValue(Text(text));
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, bool has, ReadOnlySpan<byte> value)
    {
        if (has)
            json.WriteString(name, Text(value));
    }

    private static void Write(Utf8JsonWriter json, string name, bool has, decimal value)
    {
        if (has)
            json.WriteNumber(name, value);
    }

    private static void WriteHex(Utf8JsonWriter json, string name, bool has, ReadOnlySpan<byte> value)
    {
        if (has)
            json.WriteString(name, Convert.ToHexStringLower(value));
    }

    // Each byte that is not UTF-8 is one U+FFFD.
    private static string Text(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        while (!bytes.IsEmpty)
        {
            bool isGood = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            text.Append(isGood ? rune.ToString() : "\uFFFD");
            bytes = bytes[(isGood ? length : 1)..];
        }
        return text.ToString();
    }
}
