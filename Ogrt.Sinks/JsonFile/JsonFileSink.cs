using Akka.Event;
using Ogrt.Journal;
using Ogrt.Sinks.JsonLines;

namespace Ogrt.Sinks.JsonFile;

/// <summary>The sink of JSON Lines files.</summary>
internal sealed class JsonFileSink : ISink
{
    private readonly JsonFileSettings _settings;
    private readonly JsonLineEncoder _encoder;
    private readonly LineFiles _files;
    private readonly BatchBuffer _gathered = new(16);
    private readonly ILoggingAdapter _log;
    private readonly string _directory;
    private string _lastPath = "";
    private long _toldTorn;
    private long _toldForeign;

    public JsonFileSink(JsonFileSettings settings, SinkContext context, TimeProvider? time = null)
    {
        _settings = settings;
        _log = context.Log;
        _directory = context.PathOf(settings.Directory);
        _encoder = new JsonLineEncoder(settings.Lines, context.Cluster);
        _files = new LineFiles(_directory, settings.Prefix, settings.RotateSize, settings.Fsync, time ?? TimeProvider.System);
    }

    public ValueTask<SinkVerdict> OpenAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Try(_files.Open));

    public EncodeResult Encode(in JournalRecord record, BatchBuffer output) => _encoder.Encode(record, output);

    public ValueTask<SinkVerdict> SendAsync(SinkAttempt attempt, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Try(() =>
        {
            _files.Append(Lines(attempt));
            if (_files.CurrentPath == _lastPath)
                return;
            _lastPath = _files.CurrentPath;
            DeleteOld();
        }));

    public ValueTask DisposeAsync()
    {
        _files.Dispose();
        return ValueTask.CompletedTask;
    }

    private ReadOnlyMemory<byte> Lines(SinkAttempt attempt)
    {
        if (attempt.TryGetWhole(out ReadOnlyMemory<byte> whole))
            return whole;
        _gathered.Clear(1 << 20);
        for (int item = 0; item < attempt.Count; item++)
            _gathered.Write(attempt.Payload(item).Span);
        return _gathered.Slice(0, _gathered.Length);
    }

    // The lines are written: an old file that cannot be deleted must not have them written twice.
    private void DeleteOld()
    {
        try
        {
            _files.DeleteOld(_settings.KeepFiles, _settings.KeepAge);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.Warning("Old files in {0} could not be deleted: {1}", _directory, e.Message);
        }
    }

    private SinkVerdict Try(Action write)
    {
        try
        {
            write();
            return SinkVerdict.Delivered;
        }
        catch (Exception e) when (FileVerdicts.Knows(e))
        {
            return FileVerdicts.Of(e);
        }
        finally
        {
            TellOfTrouble();
        }
    }

    private void TellOfTrouble()
    {
        if (_files.TornBytes > _toldTorn)
        {
            _log.Warning("The last line of a file in {0} was not whole: {1} bytes were cut off. Its record is written again",
                _directory, _files.TornBytes - _toldTorn);
            _toldTorn = _files.TornBytes;
        }
        if (_files.ForeignChanges > _toldForeign)
        {
            _log.Warning("Somebody else has cut or written {0}; lines go on at its end. What a program that copies and cuts files misses between the two is lost: let it rename them",
                _files.CurrentPath);
            _toldForeign = _files.ForeignChanges;
        }
    }
}
