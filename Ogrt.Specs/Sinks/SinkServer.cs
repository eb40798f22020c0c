using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Google.Protobuf;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Sinks.Delivery;
using Ogrt.Wire;

namespace Ogrt.Specs.Sinks;

/// <summary>A journal with sinks behind it, as a server has them, in a directory of its own.</summary>
internal sealed class SinkServer : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly SinkFactories _factories;
    private readonly Config _config;
    private readonly long _maxSize;

    public SinkServer(string config = "", SinkFactories? factories = null, long maxSize = 64 << 20)
    {
        _factories = factories ?? SinkFactories.Default;
        _config = ConfigurationFactory.ParseString(config).WithFallback(SinksReference.Config);
        _maxSize = maxSize;
        System = ActorSystem.Create("sinks", "akka.loglevel = OFF, akka.stdout-loglevel = OFF");
        Journal = OpenJournal();
    }

    public ActorSystem System { get; }

    public SegmentedJournal Journal { get; private set; }

    public SinkHost? Host { get; private set; }

    public string DataDirectory => _directory.File("data");

    public string JournalDirectory => _directory.File("journal");

    public SinkContext Context => new("test", DataDirectory, Logging.GetLogger(System, "sinks"));

    public IReadOnlyList<SinkSettings> Settings => SinkSettings.Create(_config);

    public SinkDelivery Sink(string name) => Host!.Deliveries.Single(d => d.Name == name);

    public async Task StartAsync() => Host = await SinkHost.StartAsync(System, Journal, Settings, Context, _factories);

    public void Append(params IEnumerable<IMessage> messages)
    {
        var batch = new JournalBatch();
        foreach (IMessage message in messages)
        {
            (byte kind, byte[] payload) = message is global::Ogrt.Wire.Protocol.JobRecord
                ? (RecordKind.JobRecord, message.ToByteArray())
                : (RecordKind.Frame, Frames.Frame(message));
            batch.Add(kind, Now(), default, payload);
        }
        Journal.Append(batch, CancellationToken.None);
    }

    public void Append(byte kind, byte[] payload)
    {
        var batch = new JournalBatch();
        batch.Add(kind, Now(), default, payload);
        Journal.Append(batch, CancellationToken.None);
    }

    // Retention goes by the time of arrival.
    private static long Now() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    /// <summary>Waits until a sink has nothing left to deliver.</summary>
    public Task DeliveredAsync(string name = "local") => UntilAsync(
        () => Sink(name) is { LagRecords: 0, BatchesOutside: 0 }, () => Sink(name).State.ToString());

    /// <summary>Stops and opens everything again, as a restart of the server does.</summary>
    public async Task RestartAsync()
    {
        await Host!.DisposeAsync();
        Journal.Dispose();
        await ReopenAsync();
    }

    /// <summary>Opens everything again after the host was stopped and the journal disposed.</summary>
    public async Task ReopenAsync()
    {
        Journal = OpenJournal();
        await StartAsync();
    }

    /// <summary>Waits until something holds; fails after half a minute with what is the case instead.</summary>
    public static async Task UntilAsync(Func<bool> holds, Func<string?>? otherwise = null)
    {
        long begin = Stopwatch.GetTimestamp();
        while (!holds())
        {
            if (Stopwatch.GetElapsedTime(begin) > TimeSpan.FromSeconds(30))
                Assert.Fail("Still not so: " + otherwise?.Invoke());
            await Task.Delay(5);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Host is not null)
            await Host.DisposeAsync();
        Journal.Dispose();
        await System.Terminate();
        _directory.Dispose();
    }

    private SegmentedJournal OpenJournal() => SegmentedJournal.Open(new JournalOptions
    {
        Directory = JournalDirectory,
        SegmentSize = Math.Min(_maxSize / 4, 4 << 20),
        MaxSize = _maxSize,
        SyncInterval = TimeSpan.FromMilliseconds(5),
    });
}
