namespace Ogrt.Sinks.Local;

/// <summary>The database was written by a newer program, or is not an OGRT store.</summary>
public sealed class StoreVersionException : Exception
{
    /// <summary>Makes the exception with a sentence.</summary>
    public StoreVersionException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception for versions that do not fit.</summary>
    public StoreVersionException(string path, long version, int known)
        : this($"{path} has schema version {version}; this program knows versions up to {known}. Use the program that wrote it, or another path.")
    {
    }
}
