using Akka.Streams;
using Akka.Streams.Stage;
using Ogrt.Journal;
using Ogrt.Wire;

namespace Ogrt.Actors.Jobs;

/// <summary>
/// A source of what stands in the journal, by jobs. On demand it reads until there is nothing more at once, or a read is
/// full; it completes when the journal has been closed, or everything of a replay has been read.
/// </summary>
internal sealed class JobFeedSource(JournalReader reader, Guid origin, JobSettings settings, JobMetrics metrics, FeedReplay? replay = null)
    : GraphStage<SourceShape<FeedRead>>
{
    private readonly Outlet<FeedRead> _out = new("JobFeedSource.out");

    public override SourceShape<FeedRead> Shape => new(_out);

    public override string ToString() => "JobFeedSource";

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, reader, origin, settings, metrics, replay);

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A stage is disposed of in PostStop.")]
    private sealed class Logic : GraphStageLogic
    {
        private readonly JobFeedSource _stage;
        private readonly JournalReader _reader;
        private readonly Guid _origin;
        private readonly JobSettings _settings;
        private readonly JobMetrics _metrics;
        private readonly FeedReplay? _replay;
        private readonly JobRouter _router;
        private readonly List<JobBatch> _open = [];
        private readonly CancellationTokenSource _stop = new();
        private readonly Action<bool> _readable;
        private readonly Action _lingered;
        private readonly Action<Exception> _failed;

        /// <summary>Whether the last read took all there was.</summary>
        private bool _drained;

        public Logic(JobFeedSource stage, JournalReader reader, Guid origin, JobSettings settings, JobMetrics metrics, FeedReplay? replay)
            : base(stage.Shape)
        {
            _stage = stage;
            _reader = reader;
            _origin = origin;
            _settings = settings;
            _metrics = metrics;
            _replay = replay;
            _router = new JobRouter(settings, replay is null ? metrics.Hosts : null);
            _readable = GetAsyncCallback<bool>(OnReadable);
            _lingered = GetAsyncCallback(ReadOrWait);
            _failed = GetAsyncCallback<Exception>(FailStage);
            SetHandler(stage._out, onPull: OnPull);
        }

        private void OnPull()
        {
            // Under load there is always a little to read at once; read like that, each message would carry a frame or two.
            if (_replay is not null)
                ReadAgain();
            else if (_drained && _settings.FeedLinger > TimeSpan.Zero)
                _ = LingerAsync();
            else
                ReadOrWait();
        }

        /// <summary>Reads on in what is to be sent again, past what no job wants.</summary>
        private void ReadAgain()
        {
            while (!_replay!.IsAtEnd && Read() is { } read)
            {
                if (read.Batches.Count == 0)
                    continue;
                Push(_stage._out, read);
                return;
            }
            CompleteStage();
        }

        private void ReadOrWait()
        {
            _drained = false;
            if (Read() is { } read)
                Push(_stage._out, read);
            else
                _ = WaitAsync();
        }

        public override void PostStop()
        {
            _stop.Cancel();
            _stop.Dispose();
        }

        // Not by Akka's scheduler, whose ticks are longer than this.
        private async Task LingerAsync()
        {
            await Task.Delay(_settings.FeedLinger, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_stop.IsCancellationRequested)
                _lingered();
        }

        private async Task WaitAsync()
        {
            try
            {
                _readable(await _reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false));
            }
            catch (OperationCanceledException)
            {
                // The stage has stopped.
            }
            catch (Exception e)
            {
                _failed(e);
            }
        }

        private void OnReadable(bool open)
        {
            if (open)
                ReadOrWait();
            else
                CompleteStage();
        }

        /// <summary>What can be read now; null when there is nothing.</summary>
        private FeedRead? Read()
        {
            var batches = new List<JobFrames>();
            long position = -1;
            int bytes = 0;
            while (bytes < _settings.FeedReadSize && _replay is not { IsAtEnd: true } && _reader.TryRead(out JournalRecord record))
            {
                position = record.NextOffset;
                bytes += record.Payload.Length;
                if (RecordKind.IsFrame(record.Kind))
                    Add(record, batches);
            }
            if (position < 0)
                return null;
            _drained = bytes < _settings.FeedReadSize;
            foreach (JobBatch batch in _open)
                if (!batch.IsEmpty)
                    batches.Add(batch.Take(_origin));
            _open.Clear();
            _router.Trim();
            return new FeedRead(batches, position, _replay);
        }

        private void Add(in JournalRecord record, List<JobFrames> batches)
        {
            ReadOnlySpan<byte> frame = record.Payload.Span;
            JobBatch? batch = _router.Route(frame, record.Kind, record.ArrivalUnixNs, out WireError error);
            if (batch is null)
            {
                if (error != WireError.None && _replay is null)
                    _metrics.CountRejected(WireErrors.Name(error));
                return;
            }
            if (_replay is not null && !_replay.Wants(batch.EntityId, record.Offset))
                return;
            if (batch.IsEmpty)
                _open.Add(batch);
            else if (batch.WouldPass(_settings.FeedBatchSize, frame.Length))
                batches.Add(batch.Take(_origin));
            batch.Add(record.Kind, record.Offset, record.NextOffset, frame);
        }
    }
}
