using System.Data.Common;
using Akka.Configuration;
using Npgsql;

namespace Ogrt.Actors.Jobs;

/// <summary>The block <c>ogrt.jobs.snapshots.postgresql</c>.</summary>
public sealed record PostgreSqlSettings
{
    private const int LongestName = 63;

    /// <summary>The connection as Npgsql takes it, with the password, the limits and the time-outs of the other keys.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The schema of the tables.</summary>
    public required string Schema { get; init; }

    /// <summary>How long a statement may take.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Host, port and database, for messages: nothing secret.</summary>
    public required string Name { get; init; }

    internal static PostgreSqlSettings Create(Config block)
    {
        const string Key = "ogrt.jobs.snapshots.postgresql";
        string connection = block.GetString("connection", "");
        string schema = block.GetString("schema", "");
        string passwordFile = block.GetString("password-file", "");
        TimeSpan timeout = block.GetTimeSpan("timeout");
        int connections = block.GetInt("max-connections");
        if (connection.Length == 0)
            throw new ConfigurationException($"{Key}.connection must be set with ogrt.jobs.snapshots.store = postgresql: \"Host=db.example.org;Database=ogrt;Username=ogrt\".");
        if (schema.Length is 0 or > LongestName || !schema.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') || char.IsAsciiDigit(schema[0]))
            throw new ConfigurationException($"{Key}.schema must be a name of lower-case letters, digits and underscores.");
        if (connections is < 2 or > 1000)
            throw new ConfigurationException($"{Key}.max-connections must be between 2 and 1000.");
        if (timeout < TimeSpan.FromSeconds(1) || timeout > TimeSpan.FromMinutes(10))
            throw new ConfigurationException($"{Key}.timeout must be between 1 s and 10 minutes.");
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(connection)
            {
                MaxPoolSize = connections,
                Timeout = (int)timeout.TotalSeconds,
                CommandTimeout = (int)timeout.TotalSeconds,
                // A connection whose other end is gone without a word is noticed, and does not hold up jobs for minutes.
                CancellationTimeout = 1000,
                KeepAlive = 30,
                ApplicationName = "ogrt-server",
            };
            // To prefer it, as Npgsql does, asks Kerberos first, which looks names up and holds a thread meanwhile: for seconds where the
            // DNS does not answer, for each new connection. Where it is wanted, it can be said.
            if (!new DbConnectionStringBuilder { ConnectionString = connection }.Keys.Cast<string>().Any(IsGssEncryption))
                builder.GssEncryptionMode = GssEncryptionMode.Disable;
            if (builder.Host is not { Length: > 0 })
                throw new ConfigurationException($"{Key}.connection must name a Host.");
            if (builder.Database is not { Length: > 0 })
                throw new ConfigurationException($"{Key}.connection must name a Database.");
            if (builder.Password is { Length: > 0 })
                throw new ConfigurationException($"{Key}.connection must hold no password, since configurations are shown: put it into a file and name it in {Key}.password-file.");
            if (passwordFile.Length > 0)
                builder.Password = ReadPassword(passwordFile, Key);
            return new PostgreSqlSettings
            {
                ConnectionString = builder.ConnectionString,
                Schema = schema,
                Timeout = timeout,
                Name = $"{builder.Database} on {builder.Host}:{builder.Port}",
            };
        }
        catch (Exception e) when (e is ArgumentException or FormatException or DbException)
        {
            throw new ConfigurationException($"{Key}.connection is no connection string of Npgsql: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static bool IsGssEncryption(string keyword) => keyword.Replace(" ", "", StringComparison.Ordinal).Equals(nameof(NpgsqlConnectionStringBuilder.GssEncryptionMode), StringComparison.OrdinalIgnoreCase);

    private static string ReadPassword(string path, string key)
    {
        try
        {
            return File.ReadAllText(path).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{key}.password-file cannot be read: {e.Message}", e);
        }
    }
}
