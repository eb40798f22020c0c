namespace Ogrt.Server.Configuration;

/// <summary>A file is not the HOCON that the server reads.</summary>
public sealed class HoconSyntaxException(string message, string file, int line) : Exception(message)
{
    /// <summary>The file, as it was named.</summary>
    public string File { get; } = file;

    /// <summary>The line of the fault, counted from 1.</summary>
    public int Line { get; } = line;
}
