using CsCheck;
using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

/// <summary>Random sequences of operations, on a journal and on a list; both must come to the same.</summary>
public sealed class ModelSpec
{
    private static readonly string[] Names = ["a", "b", "c"];

    private enum Operation
    {
        Append,
        Read,
        Commit,
        Rewind,
        Reopen,
        Crash,
        RemoveReader,
    }

    private static Gen<(Operation Operation, int Reader, int Count, int Size)> Step =>
        Gen.Select(
            Gen.Frequency((8, Operation.Append), (8, Operation.Read), (5, Operation.Commit), (2, Operation.Rewind), (1, Operation.Reopen), (1, Operation.Crash), (1, Operation.RemoveReader)),
            Gen.Int[0, 2],
            Gen.Int[1, 40],
            Gen.Frequency((6, Gen.Int[0, 300]), (1, Gen.Int[0, 9000])));

    [Fact]
    public void A_journal_is_a_list_with_saved_positions() =>
        Gen.Select(Gen.Int[4096, 20000], Gen.Enum<SyncPolicy>(), Gen.Bool, Gen.Bool, Step.Array[1, 80]).Sample(
            (segmentSize, sync, preallocate, inMemory, steps) =>
            {
                using var model = new Model(segmentSize, sync, preallocate, inMemory);
                foreach ((Operation operation, var reader, var count, var size) in steps)
                    model.Do(operation, Names[reader], count, size);
                model.CheckAll();
            },
            print: t => string.Join("; ", t.Item5.Select(x => $"{x.Operation} {x.Reader} {x.Count} {x.Size}")),
            iter: 150);

    /// <summary>A journal with the list that it must agree with.</summary>
    private sealed class Model : IDisposable
    {
        private readonly TempJournal _temp = new();
        private readonly JournalOptions _options;
        private readonly List<byte[]> _records = [];
        private readonly Dictionary<string, State> _states = [];
        private SegmentedJournal _journal;

        public Model(int segmentSize, SyncPolicy sync, bool preallocate, bool inMemory)
        {
            _options = new JournalOptions
            {
                Directory = _temp.Directory,
                SegmentSize = segmentSize,
                MaxSize = 64 * 1024 * 1024,
                Sync = sync,
                SyncInterval = TimeSpan.FromMilliseconds(1),
                ReadBufferSize = 4096,
                Preallocate = preallocate,
                TailMemory = inMemory ? 1 << 20 : 0,
            };
            _journal = SegmentedJournal.Open(_options);
        }

        public void Do(Operation operation, string name, int count, int size)
        {
            switch (operation)
            {
                case Operation.Append:
                    Append(count, size);
                    break;
                case Operation.Read:
                    Read(Open(name), count);
                    break;
                case Operation.Commit:
                    Commit(Open(name), count);
                    break;
                case Operation.Rewind:
                    Rewind(Open(name));
                    break;
                case Operation.Reopen or Operation.Crash:
                    Reopen(operation == Operation.Crash);
                    break;
                case Operation.RemoveReader:
                    Remove(name);
                    break;
            }

            Assert.Equal(_records.Count, _journal.TailSequence);
        }

        /// <summary>Reads every reader to its end.</summary>
        public void CheckAll()
        {
            foreach (var name in Names)
            {
                State state = Open(name);
                Read(state, int.MaxValue);
                Assert.Equal(_records.Count, state.Next);
                Assert.Equal(_records.Count - state.Committed, state.Reader.LagRecords);
                JournalCursor cursor = _journal.Cursors.Single(c => c.Name == name);
                Assert.Equal(_records.Count - state.Committed, cursor.LagRecords);
                Assert.Equal(state.Committed < _records.Count ? state.Committed + 1 : 0, cursor.OldestArrivalUnixNs);
            }

            Assert.Equal(0, _journal.Statistics.CorruptRegions);
            Assert.Equal(0, _journal.Statistics.LostRecords);
        }

        public void Dispose()
        {
            _journal.Dispose();
            _temp.Dispose();
        }

        private void Append(int count, int size)
        {
            var batch = new JournalBatch();
            for (var i = 0; i < count; i++)
            {
                var payload = new byte[size + i % 5];
                new Random(_records.Count).NextBytes(payload);
                batch.Add((byte)(1 + _records.Count % 255), _records.Count + 1, default, payload);
                _records.Add(payload);
            }

            _journal.Append(batch, CancellationToken.None);
        }

        private void Read(State state, int count)
        {
            for (var i = 0; i < count; i++)
            {
                if (!state.Reader.TryRead(out JournalRecord record))
                {
                    Assert.Equal(_records.Count, state.Next);
                    return;
                }

                Assert.Equal(state.Next, record.Sequence);
                Assert.Equal(state.Next + 1, record.ArrivalUnixNs);
                Assert.Equal((byte)(1 + state.Next % 255), record.Kind);
                Assert.Equal(_records[state.Next], record.Payload.Span);
                state.Next++;
                state.Ends.Add(record.NextOffset);
            }
        }

        private static void Commit(State state, int count)
        {
            var records = Math.Min(count, state.Ends.Count);
            if (records == 0)
                return;
            state.Reader.Commit(state.Ends[records - 1]);
            state.Ends.RemoveRange(0, records);
            state.Committed = state.Next - state.Ends.Count;
        }

        private static void Rewind(State state)
        {
            state.Reader.Seek(state.Reader.Committed);
            state.Next = state.Committed;
            state.Ends.Clear();
        }

        private void Reopen(bool crash)
        {
            _journal.Dispose();
            if (crash)
                File.Delete(Path.Combine(_temp.Directory, "clean"));
            _journal = SegmentedJournal.Open(_options);
            Assert.All(_journal.RecoveryReport.Warnings, warning => Assert.Equal(RecoveryFinding.UncleanEnd, warning.Finding));
            foreach (State state in _states.Values)
            {
                state.Next = state.Committed;
                state.Ends.Clear();
                state.IsOpen = false;
            }
        }

        private void Remove(string name)
        {
            if (!_states.Remove(name, out State? state))
                return;
            if (state.IsOpen)
                state.Reader.Dispose();
            _journal.RemoveReader(name);
        }

        private State Open(string name)
        {
            if (_states.TryGetValue(name, out State? state) && state.IsOpen)
                return state;
            JournalReader reader = _journal.OpenReader(name);
            if (state is null)
            {
                // A new reader starts at the oldest record that is there, wherever the others have let that be.
                reader.TryRead(out JournalRecord first);
                reader.Seek(reader.Committed);
                state = new State { Committed = reader.LagRecords == 0 ? _records.Count : (int)first.Sequence };
                state.Next = state.Committed;
                _states.Add(name, state);
            }

            state.Reader = reader;
            state.IsOpen = true;
            return state;
        }

        private sealed class State
        {
            public JournalReader Reader { get; set; } = null!;

            public bool IsOpen { get; set; }

            /// <summary>The index of the record that comes next.</summary>
            public int Next { get; set; }

            /// <summary>The number of records that are done.</summary>
            public int Committed { get; set; }

            /// <summary>The offsets behind the records that were read and are not done.</summary>
            public List<long> Ends { get; } = [];
        }
    }
}
