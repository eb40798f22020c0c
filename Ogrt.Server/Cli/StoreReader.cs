using Microsoft.Data.Sqlite;
using Ogrt.Server.Configuration;
using Ogrt.Sinks.Local;

namespace Ogrt.Server.Cli;

/// <summary>Opens the embedded store for a command, with a sentence for everything that can be in the way.</summary>
public static class StoreReader
{
    /// <summary>Opens it.</summary>
    /// <exception cref="CliException">There is none, or it cannot be read.</exception>
    public static LocalStore Open(RuntimeSettings settings)
    {
        string path = settings.StorePath ?? throw new CliException(
            ExitCode.Configuration, "No sink of type local is enabled: there is no store to read", "Set ogrt.sinks.local.enabled = on.");
        return Reading(path, () => LocalStore.OpenRead(path));
    }

    /// <summary>Reads, and turns what the database says into a sentence.</summary>
    public static T Reading<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FileNotFoundException e)
        {
            throw new CliException(ExitCode.NoInput, $"There is no store at {path}: no server has written there", "Is it the configuration of the server (--config)?", e);
        }
        catch (StoreVersionException e)
        {
            throw new CliException(ExitCode.Configuration, e.Message, "", e);
        }
        catch (SqliteException e)
        {
            throw new CliException(e.SqliteErrorCode == 14 ? ExitCode.NotPermitted : ExitCode.Io, $"The store {path} cannot be read: {e.Message}", "", e);
        }
    }
}
