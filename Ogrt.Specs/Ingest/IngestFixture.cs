using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Ogrt.Actors.Ingest;
using Ogrt.Journal;

namespace Ogrt.Specs.Ingest;

/// <summary>Ingest with real sockets on free ports of the loopback address and a real journal in a directory of its own.</summary>
internal sealed class IngestFixture : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ogrt-");
    private readonly ActorSystem _system;
    private long _read;

    private IngestFixture(ActorSystem system, IngestSettings settings, long maxJournal)
    {
        _system = system;
        Settings = settings;
        Journal = SegmentedJournal.Open(new JournalOptions
        {
            Directory = _directory.FullName,
            MaxSize = maxJournal,
            MaxRecordSize = (int)Math.Min(maxJournal / 2, JournalOptions.DefaultMaxRecordSize),
            SegmentSize = Math.Min(maxJournal / 4, 4 * 1024 * 1024),
        });
        Reader = Journal.OpenReader("spec");
    }

    public IngestSettings Settings { get; }

    public SegmentedJournal Journal { get; }

    public JournalReader Reader { get; }

    public IngestMetrics Metrics { get; } = new();

    public IngestHost Host { get; private set; } = null!;

    public ActorSystem System => _system;

    public ListenerMetrics Tcp => Metrics.Of("tcp");

    public ListenerMetrics Udp => Metrics.Of("udp");

    /// <summary>Starts with the defaults, free ports and what a spec changes.</summary>
    public static async Task<IngestFixture> StartAsync(
        string hocon = "", TimeProvider? time = null, long maxJournal = 1024 * 1024 * 1024)
    {
        Config config = ConfigurationFactory.ParseString(hocon)
            .WithFallback(ConfigurationFactory.ParseString("""
                ogrt.ingest.listener-defaults {
                  tcp { address = "127.0.0.1", port = 0 }
                  udp { address = "127.0.0.1", port = 0, receive-buffer = 4 MiB }
                }
                """))
            .WithFallback(IngestSettings.Reference());
        ActorSystem system = ActorSystem.Create("spec", ConfigurationFactory.ParseString("akka { loglevel = OFF, stdout-loglevel = OFF }"));
        var fixture = new IngestFixture(system, IngestSettings.Create(config), maxJournal);
        fixture.Host = await IngestHost.StartAsync(
            system, fixture.Settings, fixture.Journal, fixture.Metrics, time, TestContext.Current.CancellationToken);
        return fixture;
    }

    public static async Task Until(Func<bool> condition, string what)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (!condition())
        {
            if (patience.IsCancellationRequested) Assert.Fail($"It did not come to pass: {what}.");
            await Task.Delay(2, CancellationToken.None);
        }
    }

    public IPEndPoint EndPoint(string listener) => Host.EndPoints.ByListener[listener];

    public async Task<Socket> ConnectAsync(string listener = "tcp")
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(EndPoint(listener), TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>Sends all of the bytes down a connection of their own and closes it.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, string listener = "tcp")
    {
        using Socket socket = await ConnectAsync(listener);
        await SendAllAsync(socket, bytes);
    }

    public static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, TestContext.Current.CancellationToken)..];
    }

    /// <summary>Reads records until there are as many as expected, and makes sure that there are no more.</summary>
    public async Task<List<Received>> ReadAsync(int count)
    {
        List<Received> records = [];
        await Until(() =>
        {
            while (Reader.TryRead(out JournalRecord record))
            {
                records.Add(new Received(record.Kind, record.Sender, record.ArrivalUnixNs, record.Payload.ToArray()));
                Reader.Commit(record.NextOffset);
            }

            return records.Count >= count;
        }, $"{count} records");
        Assert.Equal(count, records.Count);
        _read += count;
        // A record can be read a moment before it is counted.
        await Until(() => Metrics.FramesTotal >= _read, "the records are counted");
        return records;
    }

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync();
        Assert.Equal(0, Metrics.Buffers!.RentedBuffers);
        Assert.Equal(0, Metrics.Buffers.RentedBytes);
        Assert.Equal(0, Metrics.Batches!.Rented);
        await _system.Terminate();
        Reader.Dispose();
        await Journal.DisposeAsync();
        Metrics.Dispose();
        _directory.Delete(recursive: true);
    }

    /// <summary>A record, with a copy of its payload.</summary>
    public sealed record Received(byte Kind, JournalSender Sender, long ArrivalUnixNs, byte[] Payload);
}
