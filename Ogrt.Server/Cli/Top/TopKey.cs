namespace Ogrt.Server.Cli.Top;

/// <summary>A key as a terminal sends it.</summary>
/// <param name="Name">Its name, such as up or f1; char for a character, and empty for what is not known.</param>
/// <param name="Character">The character.</param>
internal readonly record struct TopKey(string Name, char Character = '\0')
{
    /// <summary>A character.</summary>
    public static TopKey Of(char character) => new("char", character);
}
