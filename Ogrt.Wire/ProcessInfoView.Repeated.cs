namespace Ogrt.Wire;

public ref partial struct ProcessInfoView
{
    /// <summary>The environment variables that were sent, each as <c>NAME=value</c>.</summary>
    public readonly BytesEnumerable EnvironmentVariables => new(_payload, _environmentVariables);

    /// <summary>The arguments, each by itself.</summary>
    public readonly BytesEnumerable Arguments => new(_payload, _arguments);

    /// <summary>The objects that the dynamic linker had loaded.</summary>
    public readonly SharedObjectEnumerable SharedObjects => new(_payload, _sharedObjects);

    /// <summary>The loaded environment modules.</summary>
    public readonly ModuleEnumerable LoadedModules => new(_payload, _loadedModules);

    /// <summary>
    /// The bytes from the first shared object to the last, tags included. When <see cref="SharedObjectsAreScattered"/> is
    /// false, equal bytes are equal lists: a key for a cache.
    /// </summary>
    public readonly ReadOnlySpan<byte> SharedObjectsBytes => _sharedObjects.Span(_payload);

    /// <summary>Whether other fields stand between the shared objects, which no sender of OGRT does.</summary>
    public readonly bool SharedObjectsAreScattered => _sharedObjects.Scattered;

    /// <summary>The bytes from the first loaded module to the last, tags included.</summary>
    public readonly ReadOnlySpan<byte> LoadedModulesBytes => _loadedModules.Span(_payload);

    /// <summary>Whether other fields stand between the loaded modules, which no sender of OGRT does.</summary>
    public readonly bool LoadedModulesAreScattered => _loadedModules.Scattered;

    /// <summary>
    /// A 64-bit hash of the shared objects as they were sent (XXH3, the same on every machine). Equal bytes give equal
    /// hashes. The reverse holds by chance alone: whoever keeps something under it compares the bytes too, since a sender
    /// can make two lists collide on purpose.
    /// </summary>
    /// <returns>The hash; of no bytes when there are no shared objects.</returns>
    public readonly ulong SharedObjectsHash() => _sharedObjects.Hash(_payload);

    /// <summary>A 64-bit hash of the loaded modules as they were sent; see <see cref="SharedObjectsHash"/>.</summary>
    /// <returns>The hash; of no bytes when there are no modules.</returns>
    public readonly ulong LoadedModulesHash() => _loadedModules.Hash(_payload);
}
