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
/// <remarks>
/// A batch that has begun has time: what is appended meanwhile is read in few large steps, and at the latest when the batch
/// is due. A wake-up for each append costs several times what is done with its records.
/// </remarks>
internal sealed class JournalBatchSource : GraphStage<SourceShape<SinkBatch>>
{
    private static readonly TimeSpan ReadErrorPause = TimeSpan.FromSeconds(1);

    // Bytes of the journal that are worth a wake-up, little enough to be still in the processor's cache.
    private const long ReadStep = 1 << 20;

    // What is missing of a batch is estimated by the records that it has. So near to its end every append counts, and the
    // batch is not late.
    private const long NearlyFull = 64 << 10;

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
        private long _begin;
        private Intake _taken;
        private bool _encoderFailed;
        private bool _lingered;
        // Whether nothing is to be read now; listening: because the journal tells when there is more.
        private bool _waiting;
        private bool _listening;
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
            if (!Equals(timerKey, LingerTimer))
            {
                _waiting = false;
            }
            else
            {
                _lingered = true;
                // What the wait has let lie goes with the batch: its end reads on.
                if (_listening)
                {
                    _stage._reader.StopWaiting();
                    return;
                }
            }
            if (IsAvailable(_stage._out))
                Advance();
        }

        private void OnStopped()
        {
            _stopping = true;
            // The wait has ended, too, as it has the same token; nobody tells.
            _listening = _waiting = false;
            if (_batch is null)
                CompleteStage();
            else if (IsAvailable(_stage._out))
                Advance();
        }

        private void OnWoken(bool _)
        {
            _listening = _waiting = false;
            if (IsAvailable(_stage._out))
                Advance();
        }

        /// <summary>Fills the batch with what is there, emits it when it is due, and else waits for more.</summary>
        private void Advance()
        {
            while (true)
            {
                if (_stopping && _batch is null)
                {
                    CompleteStage();
                    return;
                }
                if (!_waiting)
                    Fill();
                if (_batch is { } batch && (_lingered || _stopping || IsFull(batch)))
                {
                    Emit(batch);
                    return;
                }
                if (_waiting)
                    return;
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

        /// <summary>Reads and encodes until the batch is full or there is nothing more at once. What was read is counted together with its
        /// outcome, so that whoever compares the counts hardly finds a record that is neither here nor there.</summary>
        private void Fill()
        {
            // Once for all that is there, and not for each record.
            lock (_stage._encoding)
            {
                while ((_batch is null || !IsFull(_batch)) && TryRead(out JournalRecord record))
                {
                    if (_batch is null)
                    {
                        _batch = _stage._pool.Rent();
                        _begin = record.Offset;
                        ScheduleOnce(LingerTimer, _stage._settings.BatchLinger);
                    }
                    Encode(_batch, record);
                }
            }
            _stage._metrics.Taken(_taken);
            _taken = default;
        }

        private bool TryRead(out JournalRecord record)
        {
            try
            {
                return _stage._reader.TryRead(out record);
            }
            catch (IOException e)
            {
                // The journal counts and quarantines what is damaged; this is a disk that does not answer now.
                _stage._metrics.ReadFailed();
                Log.Warning("A read of the journal for sink {0} failed and is repeated: {1}", _stage._settings.Name, e.Message);
                _waiting = true;
                ScheduleOnce(ReadAgainTimer, ReadErrorPause);
                record = default;
                return false;
            }
        }

        private void Encode(SinkBatch batch, in JournalRecord record)
        {
            batch.Cover(record);
            int begin = batch.Output.Length;
            EncodeResult result;
            try
            {
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
            _taken.Accepted++;
            switch (result.Kind)
            {
                case EncodeKind.Encoded:
                    batch.Add(record, result.EventId, begin);
                    _taken.Pending++;
                    break;
                case EncodeKind.Refused:
                    batch.Refuse(record, result.Reason ?? "refused");
                    _stage._metrics.Undecoded();
                    _taken.Pending++;
                    break;
                default:
                    _taken.Skipped++;
                    break;
            }
        }

        private void Wait()
        {
            ValueTask<bool> wait;
            try
            {
                wait = _stage._reader.WaitToReadAsync(Wanted(), _stage._stop);
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
            _listening = _waiting = true;
            _ = Notify(wait, _woken!);
        }

        /// <summary>Bytes of the journal that are worth going on for.</summary>
        private long Wanted()
        {
            if (_batch is not { } batch)
                return 1;
            double sofar = batch.NextOffset - _begin;
            double missing = (_stage._settings.BatchCount - batch.Covered) * (sofar / batch.Covered);
            if (batch.EncodedBytes > 0)
                missing = Math.Min(missing, (_stage._settings.BatchBytes - batch.EncodedBytes) * (sofar / batch.EncodedBytes));
            // No more than was read already: few records say little about those that follow.
            return missing <= NearlyFull ? 1 : (long)Math.Min(Math.Min(ReadStep, Math.Max(NearlyFull, sofar)), missing * 7 / 8);
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
