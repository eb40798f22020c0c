using Akka.Event;
using Akka.Streams;
using Akka.Streams.Stage;
using Ogrt.Journal;

namespace Ogrt.Sinks.Delivery;

/// <summary>
/// Reads a journal, has each record encoded once, and emits batches by bytes, count and time. It waits for the journal's
/// wake-up and never polls; it completes, with the partial batch, when its stop token is cancelled. The batch is made
/// before any boundary of the stream, so that the stream's cost a message is paid once a batch.
/// </summary>
internal sealed class JournalBatchSource : GraphStage<SourceShape<SinkBatch>>
{
    private static readonly TimeSpan ReadErrorPause = TimeSpan.FromSeconds(1);

    private readonly JournalReader _reader;
    private readonly ISink _sink;
    private readonly Lock _encoding;
    private readonly SinkSettings _settings;
    private readonly SinkMetrics _metrics;
    private readonly BatchPool _pool;
    private readonly CancellationToken _stop;
    private readonly Outlet<SinkBatch> _out = new("JournalBatchSource.out");

    public JournalBatchSource(
        JournalReader reader, ISink sink, Lock encoding, SinkSettings settings, SinkMetrics metrics, BatchPool pool, CancellationToken stop)
    {
        _reader = reader;
        _sink = sink;
        _encoding = encoding;
        _settings = settings;
        _metrics = metrics;
        _pool = pool;
        _stop = stop;
        Shape = new SourceShape<SinkBatch>(_out);
    }

    public override SourceShape<SinkBatch> Shape { get; }

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    public override string ToString() => "JournalBatchSource";

    private sealed class Logic : TimerGraphStageLogic
    {
        private const string LingerTimer = "linger";
        private const string ReadAgainTimer = "read-again";

        private readonly JournalBatchSource _stage;
        private Action<bool>? _woken;
        private Action? _stopped;
        private CancellationTokenRegistration _registration;
        private SinkBatch? _batch;
        private long _ordinal;
        private bool _encoderFailed;
        private bool _lingered;
        private bool _waiting;
        private bool _stopping;

        public Logic(JournalBatchSource stage)
            : base(stage.Shape)
        {
            _stage = stage;
            SetHandler(stage._out, onPull: Advance, onDownstreamFinish: _ => CompleteStage());
        }

        public override void PreStart()
        {
            _woken = GetAsyncCallback<bool>(OnWoken);
            _stopped = GetAsyncCallback(OnStopped);
            _registration = _stage._stop.Register(() => _stopped());
        }

        public override void PostStop()
        {
            _registration.Dispose();
            if (_batch is not { } batch)
                return;
            // Read, encoded, and never sent: the records stay in the journal and go on counting as pending.
            _batch = null;
            _stage._pool.Return(batch);
        }

        protected override void OnTimer(object timerKey)
        {
            if (Equals(timerKey, LingerTimer))
                _lingered = true;
            else
                _waiting = false;
            if (IsAvailable(_stage._out))
                Advance();
        }

        private void OnStopped()
        {
            _stopping = true;
            if (_batch is null)
                CompleteStage();
            else if (IsAvailable(_stage._out))
                Advance();
        }

        private void OnWoken(bool _)
        {
            _waiting = false;
            if (IsAvailable(_stage._out))
                Advance();
        }

        /// <summary>Fills the batch with what is there, emits it when it is due, and else waits for more.</summary>
        private void Advance()
        {
            while (true)
            {
                if (_batch is { } batch && (_lingered || _stopping || IsFull(batch)))
                {
                    Emit(batch);
                    return;
                }
                if (_stopping)
                {
                    CompleteStage();
                    return;
                }
                if (_waiting)
                    return;
                if (!TryTake() && !_waiting)
                    Wait();
            }
        }

        private bool IsFull(SinkBatch batch) =>
            batch.EncodedBytes >= _stage._settings.BatchBytes || batch.Covered >= _stage._settings.BatchCount;

        private void Emit(SinkBatch batch)
        {
            _batch = null;
            _lingered = false;
            CancelTimer(LingerTimer);
            batch.Ordinal = _ordinal++;
            Push(_stage._out, batch);
            if (_stopping)
                CompleteStage();
        }

        private bool TryTake()
        {
            JournalRecord record;
            try
            {
                if (!_stage._reader.TryRead(out record))
                    return false;
            }
            catch (IOException e)
            {
                // The journal counts and quarantines what is damaged; this is a disk that does not answer now.
                _stage._metrics.ReadFailed();
                Log.Warning("A read of the journal for sink {0} failed and is repeated: {1}", _stage._settings.Name, e.Message);
                _waiting = true;
                ScheduleOnce(ReadAgainTimer, ReadErrorPause);
                return false;
            }
            if (_batch is null)
            {
                _batch = _stage._pool.Rent();
                ScheduleOnce(LingerTimer, _stage._settings.BatchLinger);
            }
            Encode(_batch, record);
            return true;
        }

        private void Encode(SinkBatch batch, in JournalRecord record)
        {
            SinkMetrics metrics = _stage._metrics;
            batch.Cover(record);
            int begin = batch.Output.Length;
            EncodeResult result;
            try
            {
                lock (_stage._encoding)
                    result = _stage._sink.Encode(record, batch.Output);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                if (!_encoderFailed)
                {
                    Log.Error(e, "Sink {0} failed to encode the record at {1}, which goes to the dead letters; further ones are only counted",
                        _stage._settings.Name, record.Offset);
                }
                _encoderFailed = true;
                result = EncodeResult.Refused("encoder_failed");
            }
            if (result.Kind != EncodeKind.Encoded)
                batch.Output.Truncate(begin);
            // Beside its outcome, so that whoever compares the counts does not find a record that is neither here nor there.
            metrics.Accept();
            switch (result.Kind)
            {
                case EncodeKind.Encoded:
                    batch.Add(record, result.EventId, begin);
                    metrics.AddPending(1);
                    break;
                case EncodeKind.Refused:
                    batch.Refuse(record, result.Reason ?? "refused");
                    metrics.Undecoded();
                    metrics.AddPending(1);
                    break;
                default:
                    metrics.Skip();
                    break;
            }
        }

        private void Wait()
        {
            ValueTask<bool> wait;
            try
            {
                wait = _stage._reader.WaitToReadAsync(_stage._stop);
            }
            catch (OperationCanceledException)
            {
                _waiting = true;
                return;
            }
            if (wait.IsCompletedSuccessfully)
            {
                if (!wait.Result)
                    JournalClosed();
                return;
            }
            _waiting = true;
            _ = Notify(wait, _woken!);
        }

        private static async Task Notify(ValueTask<bool> wait, Action<bool> woken)
        {
            try
            {
                // False says that the journal is closed; the next wait, on the stage's own thread, finds that out again.
                woken(await wait.ConfigureAwait(false));
            }
            catch (OperationCanceledException)
            {
                // The stop token has a callback of its own.
            }
            catch (Exception)
            {
                // Whatever failed fails again in the read that follows, where it is counted.
                woken(true);
            }
        }

        private void JournalClosed() => _stopping = true;
    }
}
