namespace Ogrt.Sinks.Local;

/// <summary>
/// The tables of the local store, as numbered steps. A database remembers in user_version which steps it has had; opening
/// it for writing runs the others, each in a transaction of its own. docs/sinks.md describes the tables.
/// </summary>
internal static class StoreSchema
{
    /// <summary>"OGRT" as SQLite's application_id, so that file(1) and we know the file for what it is.</summary>
    public const int ApplicationId = 0x4F475254;

    /// <summary>
    /// Processes in one generation, as a power of two. Texts, objects and lists remember the last generation that used
    /// them; a generation whose processes are all gone cannot be referred to any more.
    /// </summary>
    public const int GenerationShift = 14;

    private static readonly string[] Steps =
    [
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

        -- Paths, hosts, users, module names, environment variables. value is text, or a blob where it is not UTF-8.
        CREATE TABLE text (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            hash INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            value NOT NULL);
        CREATE INDEX text_hash ON text (hash);

        CREATE TABLE object (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            hash INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            path INTEGER,
            signature,
            build_id BLOB);
        CREATE INDEX object_hash ON object (hash);

        CREATE TABLE object_list (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            hash BLOB NOT NULL UNIQUE,
            generation INTEGER NOT NULL);
        CREATE TABLE object_list_item (
            list INTEGER NOT NULL,
            position INTEGER NOT NULL,
            object INTEGER NOT NULL,
            PRIMARY KEY (list, position)) WITHOUT ROWID;
        CREATE INDEX object_list_item_object ON object_list_item (object);

        CREATE TABLE module_list (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            hash BLOB NOT NULL UNIQUE,
            generation INTEGER NOT NULL);
        CREATE TABLE module_list_item (
            list INTEGER NOT NULL,
            position INTEGER NOT NULL,
            name INTEGER NOT NULL,
            PRIMARY KEY (list, position)) WITHOUT ROWID;
        CREATE INDEX module_list_item_name ON module_list_item (name);

        -- items: the ids of its texts, each a base-128 number as in protobuf. Environments are long and rarely searched.
        CREATE TABLE environment (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            hash BLOB NOT NULL UNIQUE,
            generation INTEGER NOT NULL,
            items BLOB NOT NULL);

        -- last_process: the highest process id when something of the job came last; what retention decides by.
        CREATE TABLE job (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            cluster TEXT NOT NULL,
            job_id NOT NULL,
            images INTEGER NOT NULL DEFAULT 0,
            ended INTEGER NOT NULL DEFAULT 0,
            failed INTEGER NOT NULL DEFAULT 0,
            first_ns INTEGER,
            last_ns INTEGER,
            start_ns INTEGER,
            end_ns INTEGER,
            arrival_ms INTEGER NOT NULL,
            last_process INTEGER NOT NULL,
            UNIQUE (cluster, job_id));
        CREATE INDEX job_last_process ON job (last_process);
        CREATE INDEX job_last_ns ON job (last_ns);

        -- What a job has used, each once. kind: 1 host, 2 user, 3 executable (texts), 4 object list, 5 module list.
        CREATE TABLE job_use (
            job INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            item INTEGER NOT NULL,
            PRIMARY KEY (job, kind, item)) WITHOUT ROWID;
        CREATE INDEX job_use_item ON job_use (kind, item);

        CREATE TABLE job_record (
            job INTEGER NOT NULL,
            incarnation INTEGER NOT NULL,
            version INTEGER NOT NULL,
            state INTEGER NOT NULL,
            user,
            hosts INTEGER NOT NULL,
            processes INTEGER NOT NULL,
            live INTEGER NOT NULL,
            failed INTEGER NOT NULL,
            first_ns INTEGER,
            last_ns INTEGER,
            start_ns INTEGER,
            end_ns INTEGER,
            record BLOB NOT NULL,
            UNIQUE (job, incarnation));

        CREATE TRIGGER job_deleted AFTER DELETE ON job BEGIN
            DELETE FROM job_use WHERE job = old.id;
            DELETE FROM job_record WHERE job = old.id;
        END;

        -- One row a program image. event: the deterministic id. rest: the message without what has a column of its own.
        CREATE TABLE process (
            id INTEGER PRIMARY KEY,
            event BLOB NOT NULL,
            job INTEGER NOT NULL,
            arrival_ms INTEGER NOT NULL,
            time_ns INTEGER NOT NULL,
            host INTEGER,
            user INTEGER,
            executable INTEGER,
            pid INTEGER NOT NULL,
            start_ticks INTEGER NOT NULL,
            layout INTEGER NOT NULL,
            object_list INTEGER,
            module_list INTEGER,
            environment INTEGER,
            rest BLOB NOT NULL);
        CREATE UNIQUE INDEX process_event ON process (event);
        CREATE INDEX process_job ON process (job);

        -- Joined to its process by identity when it is read, so that either may come first. identity: a hash of host, pid
        -- and start ticks. last_process: as for a job.
        CREATE TABLE process_end (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            identity BLOB NOT NULL,
            end_ns INTEGER NOT NULL,
            job INTEGER NOT NULL,
            last_process INTEGER NOT NULL,
            layout INTEGER NOT NULL,
            message BLOB NOT NULL,
            UNIQUE (identity, end_ns));
        """,
        """
        -- What the scheduler says of a job incarnation; outcome is its last state, COMPLETED or TIMEOUT.
        ALTER TABLE job_record ADD COLUMN account;
        ALTER TABLE job_record ADD COLUMN partition;
        ALTER TABLE job_record ADD COLUMN name;
        ALTER TABLE job_record ADD COLUMN nodes;
        ALTER TABLE job_record ADD COLUMN outcome;
        ALTER TABLE job_record ADD COLUMN exit_code INTEGER;
        ALTER TABLE job_record ADD COLUMN exit_signal INTEGER;
        """,
        """
        -- An end may come without a process that stands near it: then it goes by its own age. NULL: written by an older version.
        ALTER TABLE process_end ADD COLUMN arrival_ms INTEGER;
        """,
    ];

    /// <summary>The version that this program writes.</summary>
    public static int Version => Steps.Length;

    /// <summary>Brings a database to the newest version.</summary>
    /// <exception cref="StoreVersionException">A newer program wrote it.</exception>
    public static void Migrate(SqliteDatabase database) => Migrate(database, Steps);

    internal static void Migrate(SqliteDatabase database, ReadOnlySpan<string> steps)
    {
        long version = database.Scalar("PRAGMA user_version");
        if (version > steps.Length)
            throw new StoreVersionException(database.Path, version, steps.Length);
        for (int step = (int)version; step < steps.Length; step++)
        {
            database.Execute("BEGIN IMMEDIATE");
            try
            {
                database.Execute(steps[step]);
                database.Execute($"PRAGMA application_id = {ApplicationId}");
                database.Execute($"PRAGMA user_version = {step + 1}");
                database.Execute("COMMIT");
            }
            catch
            {
                database.Rollback();
                throw;
            }
        }
    }
}
