using Ogrt.Wire;

namespace Ogrt.Sinks.Local;

/// <summary>Reads the processes of a job and makes their frames again.</summary>
internal sealed class ProcessQuery(SqliteDatabase database)
{
    // Lists that are kept encoded while a job is read; its processes share few.
    private const int KeptLists = 4096;

    private readonly Dictionary<(long List, WireLayout Layout, char Table), byte[]> _lists = [];
    private readonly BatchBuffer _frame = new();
    private readonly BatchBuffer _list = new();
    private readonly BatchBuffer _message = new(1024);

    public IEnumerable<StoredProcess> Read(long job)
    {
        using SqliteStatement rows = database.Prepare(
            """
            SELECT p.rest, p.layout, p.arrival_ms, h.value, u.value, x.value, p.object_list, p.module_list, p.environment
            FROM process p
            LEFT JOIN text h ON h.id = p.host LEFT JOIN text u ON u.id = p.user LEFT JOIN text x ON x.id = p.executable
            WHERE p.job = ?1 ORDER BY p.time_ns, p.id
            """);
        using SqliteStatement objects = database.Prepare(
            """
            SELECT t.value, o.signature, o.build_id FROM object_list_item i
            JOIN object o ON o.id = i.object LEFT JOIN text t ON t.id = o.path WHERE i.list = ?1 ORDER BY i.position
            """);
        using SqliteStatement modules = database.Prepare(
            """
            SELECT t.value FROM module_list_item i LEFT JOIN text t ON t.id = i.name WHERE i.list = ?1 ORDER BY i.position
            """);
        using SqliteStatement environment = database.Prepare("SELECT items FROM environment WHERE id = ?1");
        using SqliteStatement text = database.Prepare("SELECT value FROM text WHERE id = ?1");
        using SqliteStatement end = database.Prepare(
            "SELECT message, layout FROM process_end WHERE identity = ?1 ORDER BY end_ns DESC LIMIT 1");
        rows.Bind(1, job);
        while (rows.Step())
            yield return ReadOne(rows, objects, modules, environment, text, end);
    }

    private StoredProcess ReadOne(
        SqliteStatement row, SqliteStatement objects, SqliteStatement modules, SqliteStatement environment, SqliteStatement text,
        SqliteStatement end)
    {
        var layout = (WireLayout)row.Int64(1);
        _frame.Clear(1 << 20);
        ProcessRest.BeginFrame(_frame, row.Bytes(0));
        if (!row.IsNull(3))
            ProcessRest.WriteHostname(_frame, row.Bytes(3));
        if (!row.IsNull(4))
            ProcessRest.WriteUsername(_frame, row.Bytes(4));
        if (!row.IsNull(5))
            ProcessRest.WriteBinpath(_frame, row.Bytes(5));
        WriteList(row, 8, layout, 'e', list => WriteEnvironment(environment, text, list, layout));
        WriteList(row, 6, layout, 'o', list => WriteObjects(objects, list, layout));
        WriteList(row, 7, layout, 'm', list => WriteModules(modules, list));
        byte[] frame = ProcessRest.EndFrame(_frame, FrameType.ProcessInfo);
        return new StoredProcess(
            new StoredFrame(layout, frame), EndOf(frame, layout, end), DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(2)));
    }

    private static StoredFrame? EndOf(byte[] frame, WireLayout layout, SqliteStatement end)
    {
        Span<byte> identity = stackalloc byte[ProcessIdentity.Size];
        if (ProcessInfoView.TryParse(frame.AsSpan(FrameHeader.Size), layout, out ProcessInfoView process) != WireError.None
            || !ProcessIdentity.TryWrite(process, identity))
        {
            return null;
        }
        StoredFrame? found = null;
        if (end.BindBlob(1, identity).Step())
        {
            ReadOnlySpan<byte> message = end.Bytes(0);
            byte[] bytes = new byte[FrameHeader.Size + message.Length];
            new FrameHeader((uint)FrameType.ProcessEnd, (uint)message.Length).Write(bytes);
            message.CopyTo(bytes.AsSpan(FrameHeader.Size));
            found = new StoredFrame((WireLayout)end.Int64(1), bytes);
        }
        end.Reset();
        return found;
    }

    private void WriteList(SqliteStatement row, int column, WireLayout layout, char table, Action<long> encode)
    {
        if (row.IsNull(column))
            return;
        (long, WireLayout, char) key = (row.Int64(column), layout, table);
        if (!_lists.TryGetValue(key, out byte[]? encoded))
        {
            if (_lists.Count >= KeptLists)
                _lists.Clear();
            _list.Clear(1 << 20);
            encode(key.Item1);
            encoded = _list.Slice(0, _list.Length).ToArray();
            _lists.Add(key, encoded);
        }
        _frame.Write(encoded);
    }

    private void WriteObjects(SqliteStatement objects, long list, WireLayout layout)
    {
        objects.Bind(1, list);
        while (objects.Step())
        {
            _message.Clear(1 << 16);
            if (!objects.IsNull(0))
                ProcessRest.WriteBytes(_message, 400, objects.Bytes(0));
            if (!objects.IsNull(1))
                ProcessRest.WriteBytes(_message, 401, objects.Bytes(1));
            if (!objects.IsNull(2))
                ProcessRest.WriteBytes(_message, 320, objects.Bytes(2));
            ProcessRest.WriteObject(_list, layout, _message.Slice(0, _message.Length).Span);
        }
        objects.Reset();
    }

    private void WriteModules(SqliteStatement modules, long list)
    {
        modules.Bind(1, list);
        while (modules.Step())
        {
            _message.Clear(1 << 16);
            if (!modules.IsNull(0))
                ProcessRest.WriteBytes(_message, 700, modules.Bytes(0));
            ProcessRest.WriteModule(_list, _message.Slice(0, _message.Length).Span);
        }
        modules.Reset();
    }

    private void WriteEnvironment(SqliteStatement environment, SqliteStatement text, long list, WireLayout layout)
    {
        if (environment.Bind(1, list).Step())
        {
            ReadOnlySpan<byte> items = environment.Bytes(0);
            while (Varint.TryRead(ref items, out ulong id))
            {
                if (text.Bind(1, (long)id).Step())
                    ProcessRest.WriteVariable(_list, layout, text.Bytes(0));
                text.Reset();
            }
        }
        environment.Reset();
    }
}
