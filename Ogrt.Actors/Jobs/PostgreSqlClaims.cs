using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// Claims in a table beside the snapshots, which Akka.Persistence.Sql keeps. To claim is to raise the epoch in a job's row, to
/// confirm is to write into the row if the epoch is still the same: the database lets one come after the other.
/// </summary>
internal sealed class PostgreSqlClaims : IJobClaims
{
    // Akka.Persistence.Sql's own tables allow 255.
    private const int LongestId = 255;

    // Any number that others do not use for advisory locks: "OGRT".
    private const long SetUpLock = 0x4F475254;

    private readonly JobSettings _settings;
    private readonly PostgreSqlSettings _database;
    private readonly NpgsqlDataSource _source;
    private readonly string _schema;
    private readonly SemaphoreSlim _settingUp = new(1, 1);
    private volatile bool _agreed;

    public PostgreSqlClaims(JobSettings settings)
    {
        _settings = settings;
        _database = settings.PostgreSql ?? throw new ArgumentException("There are no settings of PostgreSQL.", nameof(settings));
        _source = NpgsqlDataSource.Create(_database.ConnectionString);
        _schema = $"\"{_database.Schema}\"";
    }

    /// <summary>Text of PostgreSQL holds no NUL, and the key of the snapshots has a longest length: such a job goes by its hash.</summary>
    public string PersistenceIdOf(string entityId) =>
        entityId.Length <= LongestId && !entityId.Contains('\0', StringComparison.Ordinal)
            ? entityId
            : "#" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(entityId)));

    public async Task AgreeAsync(CancellationToken cancellation)
    {
        if (_agreed)
            return;
        await _settingUp.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_agreed)
                return;
            await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
            await SetUpAsync(connection, cancellation).ConfigureAwait(false);
            (string cluster, int shards) = await StoredAsync(connection, cancellation).ConfigureAwait(false);
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
            StoreMismatchException.Check($"The database {_database.Name}", cluster, shards, _settings);
            _agreed = true;
        }
        finally
        {
            _settingUp.Release();
        }
    }

    public async ValueTask<long> ClaimAsync(string entityId)
    {
        // A database that was away when the server started is looked at when it is there.
        await AgreeAsync(CancellationToken.None).ConfigureAwait(false);
        await using NpgsqlCommand claim = _source.CreateCommand(
            $"""
            INSERT INTO {_schema}.job_claim AS c (persistence_id, entity_id, epoch) VALUES ($1, $2, 1)
            ON CONFLICT (persistence_id) DO UPDATE SET epoch = c.epoch + 1
            RETURNING epoch
            """);
        claim.Parameters.Add(new NpgsqlParameter<string> { TypedValue = PersistenceIdOf(entityId) });
        claim.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Encoding.UTF8.GetBytes(entityId) });
        return (long)(await claim.ExecuteScalarAsync().ConfigureAwait(false))!;
    }

    public async ValueTask<bool> ConfirmAsync(string entityId, long epoch, bool isOver)
    {
        await using NpgsqlCommand confirm = _source.CreateCommand(
            $"UPDATE {_schema}.job_claim SET is_over = $3, saved_at = now() WHERE persistence_id = $1 AND epoch = $2");
        confirm.Parameters.Add(new NpgsqlParameter<string> { TypedValue = PersistenceIdOf(entityId) });
        confirm.Parameters.Add(new NpgsqlParameter<long> { TypedValue = epoch });
        confirm.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = isOver });
        return await confirm.ExecuteNonQueryAsync().ConfigureAwait(false) == 1;
    }

    public async IAsyncEnumerable<string> SweepAsync(DateTime oldest, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await AgreeAsync(cancellation).ConfigureAwait(false);
        await using (NpgsqlCommand forget = _source.CreateCommand(
            $"""
            WITH gone AS (DELETE FROM {_schema}.job_claim WHERE saved_at < $1 AND is_over RETURNING persistence_id)
            DELETE FROM {_schema}.snapshot s USING gone WHERE s.persistence_id = gone.persistence_id
            """))
        {
            forget.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = DateTime.SpecifyKind(oldest, DateTimeKind.Utc) });
            await forget.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
        await using NpgsqlCommand find = _source.CreateCommand($"SELECT entity_id FROM {_schema}.job_claim WHERE NOT is_over");
        await using NpgsqlDataReader reader = await find.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
            yield return Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(0));
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync().ConfigureAwait(false);
        _settingUp.Dispose();
    }

    private async Task SetUpAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        // Nodes start at the same moment, and IF NOT EXISTS alone does not keep them apart. Where the tables are there, no right
        // to create is needed.
        await using var command = new NpgsqlCommand(
            $"""
            SELECT pg_advisory_xact_lock({SetUpLock});
            DO $$ BEGIN
              IF to_regclass('{_schema}.job_claim') IS NULL OR to_regclass('{_schema}.snapshot') IS NULL
                 OR to_regclass('{_schema}.agreement') IS NULL THEN
                CREATE SCHEMA IF NOT EXISTS {_schema};
                CREATE TABLE IF NOT EXISTS {_schema}.agreement (
                  the_only boolean PRIMARY KEY DEFAULT true CHECK (the_only),
                  cluster text NOT NULL,
                  shards integer NOT NULL);
                CREATE TABLE IF NOT EXISTS {_schema}.job_claim (
                  persistence_id text PRIMARY KEY,
                  entity_id bytea NOT NULL,
                  epoch bigint NOT NULL,
                  is_over boolean NOT NULL DEFAULT false,
                  saved_at timestamptz NOT NULL DEFAULT now());
                CREATE TABLE IF NOT EXISTS {_schema}.snapshot (
                  persistence_id varchar({LongestId}) NOT NULL,
                  sequence_number bigint NOT NULL,
                  created bigint NOT NULL,
                  snapshot bytea,
                  manifest varchar(500),
                  serializer_id integer,
                  PRIMARY KEY (persistence_id, sequence_number));
              END IF;
            END $$;
            """, connection);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<(string Cluster, int Shards)> StoredAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var store = new NpgsqlCommand(
            $"INSERT INTO {_schema}.agreement (cluster, shards) VALUES ($1, $2) ON CONFLICT DO NOTHING", connection);
        store.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _settings.Cluster });
        store.Parameters.Add(new NpgsqlParameter<int> { TypedValue = _settings.Shards });
        await store.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await using var read = new NpgsqlCommand($"SELECT cluster, shards FROM {_schema}.agreement", connection);
        await using NpgsqlDataReader reader = await read.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await reader.ReadAsync(cancellation).ConfigureAwait(false);
        return (reader.GetString(0), reader.GetInt32(1));
    }
}
