using System.Buffers;

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
        if (!cache.TryGet(source, out ReadOnlySpan<byte> text, out ulong hash))
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
        if (!cache.TryGet(source, out ReadOnlySpan<byte> text, out ulong hash))
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
        text.Raw("["u8);
        bool first = true;
        foreach (SharedObjectView item in objects)
        {
            if (!first) text.Raw(","u8);
            first = false;
            if (item is { HasPath: true, HasSignature: false, HasBuildId: false })
                text.Member("{\"path\":\""u8, item.Path, "\"}"u8);
            else
                Write(ref text, item);
        }

        text.Raw("]"u8);
    }

    private static void Write(scoped ref JsonText text, scoped in SharedObjectView item)
    {
        text.Raw("{"u8);
        bool comma = false;
        if (item.HasBuildId)
        {
            text.Raw("\"build_id\":"u8);
            text.Hex(item.BuildId);
            comma = true;
        }

        if (item.HasPath)
        {
            text.Member(comma ? ",\"path\":\""u8 : "\"path\":\""u8, item.Path, "\""u8);
            comma = true;
        }

        if (item.HasSignature)
            text.Member(comma ? ",\"signature\":\""u8 : "\"signature\":\""u8, item.Signature, "\""u8);
        text.Raw("}"u8);
    }

    public static void Write(scoped ref JsonText text, ModuleEnumerable modules)
    {
        text.Raw("["u8);
        bool first = true;
        foreach (ModuleView item in modules)
        {
            if (!first) text.Raw(","u8);
            first = false;
            if (item.HasName) text.Member("{\"name\":\""u8, item.Name, "\"}"u8);
            else text.Raw("{}"u8);
        }

        text.Raw("]"u8);
    }
}
