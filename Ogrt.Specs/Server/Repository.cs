namespace Ogrt.Specs.Server;

/// <summary>Where the sources are: the nearest folder above the specs that has the solution.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) => File.Exists(Path.Combine(folder, "Ogrt.slnx"))
        ? folder
        : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The specs do not stand in the repository."));
}
