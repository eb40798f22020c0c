using System.Buffers;
using System.IO.Hashing;

namespace Ogrt.Wire;

/// <summary>The JSON of shared objects and modules, from a cache where there is one.</summary>
internal static class RepeatedJson
{
    public static void WriteSharedObjects(ref JsonObject json, in ProcessInfoView process, JsonFragmentCache? cache)
    {
        if (process.SharedObjects.Count == 0) return;
        if (cache is null || process.SharedObjectsAreScattered)
        {
            json.SharedObjects(",\"shared_objects\":"u8, process.SharedObjects);
            return;
        }

        ReadOnlySpan<byte> source = process.SharedObjectsBytes;
        // The text depends on the tag too (it is part of the source), so that layouts do not meet in the cache.
        ulong hash = XxHash3.HashToUInt64(source);
        if (!cache.TryGet(hash, source, out ReadOnlySpan<byte> text))
        {
            var buffer = new ArrayBufferWriter<byte>(source.Length * 2);
            var writer = new JsonText(buffer);
            Write(ref writer, process.SharedObjects);
            writer.Flush();
            text = buffer.WrittenSpan;
            cache.Add(hash, source, text);
        }

        json.Raw(",\"shared_objects\":"u8, text);
    }

    public static void WriteLoadedModules(ref JsonObject json, in ProcessInfoView process, JsonFragmentCache? cache)
    {
        if (process.LoadedModules.Count == 0) return;
        if (cache is null || process.LoadedModulesAreScattered)
        {
            json.Modules(",\"loaded_modules\":"u8, process.LoadedModules);
            return;
        }

        ReadOnlySpan<byte> source = process.LoadedModulesBytes;
        ulong hash = XxHash3.HashToUInt64(source);
        if (!cache.TryGet(hash, source, out ReadOnlySpan<byte> text))
        {
            var buffer = new ArrayBufferWriter<byte>(source.Length * 2);
            var writer = new JsonText(buffer);
            Write(ref writer, process.LoadedModules);
            writer.Flush();
            text = buffer.WrittenSpan;
            cache.Add(hash, source, text);
        }

        json.Raw(",\"loaded_modules\":"u8, text);
    }

    public static void Write(scoped ref JsonText text, SharedObjectEnumerable objects)
    {
        bool first = true;
        foreach (SharedObjectView item in objects)
        {
            text.Raw(first ? "[{"u8 : ",{"u8);
            first = false;
            bool comma = false;
            if (item.HasBuildId)
            {
                text.Raw("\"build_id\":"u8);
                text.Hex(item.BuildId);
                comma = true;
            }

            if (item.HasPath)
            {
                text.Raw(comma ? ",\"path\":"u8 : "\"path\":"u8);
                text.String(item.Path);
                comma = true;
            }

            if (item.HasSignature)
            {
                text.Raw(comma ? ",\"signature\":"u8 : "\"signature\":"u8);
                text.String(item.Signature);
            }

            text.Raw("}"u8);
        }

        text.Raw("]"u8);
    }

    public static void Write(scoped ref JsonText text, ModuleEnumerable modules)
    {
        bool first = true;
        foreach (ModuleView item in modules)
        {
            text.Raw(first ? "[{"u8 : ",{"u8);
            first = false;
            if (item.HasName)
            {
                text.Raw("\"name\":"u8);
                text.String(item.Name);
            }

            text.Raw("}"u8);
        }

        text.Raw("]"u8);
    }
}
