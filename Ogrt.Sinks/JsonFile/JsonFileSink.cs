using Akka.Event;
using Ogrt.Journal;

namespace Ogrt.Sinks.JsonFile;

/// <summary>The sink of JSON Lines files.</summary>
internal sealed class JsonFileSink : ISink
{
    // .NET hands the errno on as HResult. These are Linux's numbers (https://man7.org/linux/man-pages/man3/errno.3.html).
    private const int EExist = 17;
    private const int ENotDir = 20;
    private const int EIsDir = 21;
    private const int ENoSpc = 28;
    private const int ERofs = 30;
    private const int EDQuot = 122;

    private readonly JsonFileSettings _settings;
    private readonly JsonLineEncoder _encoder;
    private readonly LineFiles _files;
    private readonly BatchBuffer _gathered = new(16);
    private readonly ILoggingAdapter _log;
    private readonly string _directory;
    private string _lastPath = "";

    public JsonFileSink(JsonFileSettings settings, SinkContext context, TimeProvider? time = null)
    {
        _settings = settings;
        _log = context.Log;
        _directory = context.PathOf(settings.Directory);
        _encoder = new JsonLineEncoder(settings, context.Cluster);
        _files = new LineFiles(_directory, settings.Prefix, settings.RotateSize, settings.Fsync, time ?? TimeProvider.System);
    }

    public ValueTask<SinkVerdict> OpenAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Try(() =>
    {
        _files.Open();
        if (_files.TornBytes > 0)
        {
            _log.Warning("The last line of {0} was not whole: {1} bytes were cut off. Its record is written again",
                _files.CurrentPath, _files.TornBytes);
        }
    }));

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

    private static SinkVerdict Try(Action write)
    {
        try
        {
            write();
            return SinkVerdict.Delivered;
        }
        catch (UnauthorizedAccessException e)
        {
            return SinkVerdict.Pause("not_writable", e.Message);
        }
        catch (DirectoryNotFoundException e)
        {
            return SinkVerdict.Pause("no_directory", e.Message);
        }
        catch (IOException e)
        {
            return e.HResult switch
            {
                ENoSpc or EDQuot => SinkVerdict.Retry("disk_full", e.Message),
                ENotDir or EExist or EIsDir => SinkVerdict.Pause("no_directory", e.Message),
                ERofs => SinkVerdict.Pause("not_writable", e.Message),
                _ => SinkVerdict.Retry("io_error", e.Message),
            };
        }
    }
}
