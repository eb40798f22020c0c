using System.Net.Sockets;
using Ogrt.Actors.Ingest;
using Ogrt.Journal;

namespace Ogrt.Specs.Ingest;

/// <summary>While the journal is full nothing is read; when there is room again everything arrives.</summary>
public sealed class BackpressureSpec
{
    private const long SmallJournal = 1024 * 1024;

    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public async Task Connections_wait_for_a_full_journal_and_lose_nothing(string readAtAccept)
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync($$"""
            ogrt.ingest.max-buffered-bytes = 3 MiB
            ogrt.ingest.listeners.tcp { read-at-accept = {{readAtAccept}}, receive-buffer = 16 KiB }
            """, maxJournal: SmallJournal);
        const int connections = 60;
        const int framesEach = 100;
        List<Task> senders = [];
        for (int c = 0; c < connections; c++)
        {
            int first = c * framesEach;
            byte[] stream = Frames.Concat(Enumerable.Range(first, framesEach).Select(pid => Frames.Process(pid, 900)));
            senders.Add(ingest.SendAsync(stream));
        }

        await IngestFixture.Until(() => ingest.Journal.Statistics.WaitingAppenders > 0, "the journal is full");
        Assert.InRange(ingest.Tcp.Frames, 1, SmallJournal / 900);
        Assert.InRange(ingest.Metrics.Buffers!.RentedBytes, 0, 3 * 1024 * 1024);

        List<IngestFixture.Received> records = await ingest.ReadAsync(connections * framesEach);
        await Task.WhenAll(senders);
        Assert.Equal(connections * framesEach, records.Select(record => Convert.ToHexString(record.Payload)).Distinct().Count());
        Assert.Equal(0, ingest.Metrics.RejectedTotal);
        Assert.True(ingest.Tcp.JournalWait > TimeSpan.Zero);
    }

    [Fact]
    public async Task What_the_kernel_drops_while_the_journal_is_full_is_counted()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync(
            "ogrt.ingest.listeners.udp.receive-buffer = 16 KiB", maxJournal: SmallJournal);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(ingest.EndPoint("udp"));
        int sent = 0;
        await IngestFixture.Until(() =>
        {
            for (int i = 0; i < 50; i++) socket.Send(Frames.Process(++sent, 900));
            return ingest.Journal.Statistics.WaitingAppenders > 0 && ingest.Udp.KernelDrops > 0;
        }, "the journal is full and the kernel has dropped");

        List<IngestFixture.Received> records = [];
        await IngestFixture.Until(() =>
        {
            while (ingest.Reader.TryRead(out JournalRecord record))
            {
                records.Add(new IngestFixture.Received(record.Kind, record.Sender, record.ArrivalUnixNs, record.Payload.ToArray()));
                ingest.Reader.Commit(record.NextOffset);
            }

            return records.Count + ingest.Udp.KernelDrops == sent;
        }, "what was sent is either in the journal or counted");
        Assert.Equal(ingest.Udp.Datagrams, records.Count);
    }

    [Fact]
    public async Task Frames_that_a_full_journal_never_took_are_counted_when_the_drain_timeout_passes()
    {
        await using IngestFixture ingest = await IngestFixture.StartAsync(
            "ogrt.ingest { drain-timeout = 100 ms, listeners.tcp.receive-buffer = 16 KiB }", maxJournal: SmallJournal);
        Task sender = SendAsync(ingest);
        await IngestFixture.Until(() => ingest.Journal.Statistics.WaitingAppenders > 0, "the journal is full");

        await ingest.Host.StopAsync();

        await sender;
        Assert.InRange(ingest.Tcp.Rejected(Rejection.LostAtStop), 1, 5000);
        await ingest.ReadAsync((int)ingest.Tcp.Frames);
    }

    private static async Task SendAsync(IngestFixture ingest)
    {
        try
        {
            await ingest.SendAsync(Frames.Concat(Enumerable.Range(0, 5000).Select(pid => Frames.Process(pid, 900))));
        }
        catch (SocketException)
        {
            // Closed at the drain timeout.
        }
    }
}
