using System.Text.Json;
using Ogrt.Wire;

namespace Ogrt.Bench.Wire;

/// <summary>The same JSON by <see cref="Utf8JsonWriter"/>, to measure against; it throws on bytes that are not UTF-8.</summary>
internal static class WriterProcessJson
{
    private static readonly JsonEncodedText Binpath = JsonEncodedText.Encode("binpath");
    private static readonly JsonEncodedText Cmdline = JsonEncodedText.Encode("cmdline");
    private static readonly JsonEncodedText Hostname = JsonEncodedText.Encode("hostname");
    private static readonly JsonEncodedText JobId = JsonEncodedText.Encode("job_id");
    private static readonly JsonEncodedText LoadedModules = JsonEncodedText.Encode("loaded_modules");
    private static readonly JsonEncodedText Name = JsonEncodedText.Encode("name");
    private static readonly JsonEncodedText ParentPid = JsonEncodedText.Encode("parent_pid");
    private static readonly JsonEncodedText Path = JsonEncodedText.Encode("path");
    private static readonly JsonEncodedText Pid = JsonEncodedText.Encode("pid");
    private static readonly JsonEncodedText SharedObjects = JsonEncodedText.Encode("shared_objects");
    private static readonly JsonEncodedText Signature = JsonEncodedText.Encode("signature");
    private static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText Username = JsonEncodedText.Encode("username");

    public static void Write(Utf8JsonWriter json, in ProcessInfoView process)
    {
        json.Reset();
        json.WriteStartObject();
        json.WriteString(Binpath, process.Binpath);
        json.WriteString(Cmdline, process.Cmdline);
        json.WriteString(Hostname, process.Hostname);
        json.WriteString(JobId, process.JobId);
        json.WriteStartArray(LoadedModules);
        foreach (ModuleView module in process.LoadedModules)
        {
            json.WriteStartObject();
            json.WriteString(Name, module.Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber(ParentPid, process.ParentPid);
        json.WriteNumber(Pid, process.Pid);
        json.WriteStartArray(SharedObjects);
        foreach (SharedObjectView item in process.SharedObjects)
        {
            json.WriteStartObject();
            json.WriteString(Path, item.Path);
            if (item.HasSignature) json.WriteString(Signature, item.Signature);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (process.HasSignature) json.WriteString(Signature, process.Signature);
        json.WriteNumber(Time, process.TimeSeconds);
        json.WriteString(Username, process.Username);
        json.WriteEndObject();
        json.Flush();
    }
}
