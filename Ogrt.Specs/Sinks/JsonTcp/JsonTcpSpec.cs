using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Ogrt.Journal;
using Ogrt.Sinks;
using Ogrt.Sinks.JsonTcp;
using Ogrt.Specs.Sinks.Elasticsearch;
using Ogrt.Specs.Sinks.Http;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks.JsonTcp;

/// <summary>Lines over TCP to an end that is well, that is not there, that breaks off, and that takes nothing.</summary>
public sealed class JsonTcpSpec
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_record_of_each_kind_is_the_line_that_a_file_would_have()
    {
        await using var end = new LineServer();
        await using SinkServer server = TcpSinks.Server(end, "} json-file { enabled = on, batch-linger = 5 ms");
        ProcessInfo process = Frames.Process(1);
        server.Append([process, Frames.EndOf(process), new JobStart { JobId = "JOB", StartTime = 5 }, new JobEnd { JobId = "JOB", EndTime = 9 }, Frames.JobRecord()]);
        await server.StartAsync();
        await server.DeliveredAsync("tcp");
        await server.DeliveredAsync("json-file");
        await end.HasAsync(5);
        string file = Assert.Single(Directory.GetFiles(Path.Combine(server.DataDirectory, "json")));
        Assert.Equal(await File.ReadAllLinesAsync(file, Cancellation), end.Lines);
        Assert.Equal(["process", "process_end", "job_start", "job_end", "job"], end.Lines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("type").GetString()));
        Assert.Equal(5, server.Sink("tcp").Metrics.Counts.Delivered);
    }

    [Fact]
    public async Task Lines_come_in_the_order_of_the_journal_over_one_connection()
    {
        await using var end = new LineServer();
        await using SinkServer server = TcpSinks.Server(end, "batch-count = 10, max-in-flight = 1");
        server.AppendProcesses(0, 500);
        await server.StartAsync();
        await server.DeliveredAsync("tcp");
        await end.HasAsync(500);
        Assert.Equal(Enumerable.Range(1000, 500), end.Lines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("pid").GetInt32()));
        Assert.Equal(1, end.Connections);
    }

    [Fact]
    public async Task It_starts_without_the_other_end_says_which_and_delivers_when_it_is_there()
    {
        int port = RealServer.FreePort();
        await using SinkServer server = TcpSinks.Server($"127.0.0.1:{port}");
        server.AppendProcesses(0, 100);
        await server.StartAsync();
        await server.UntilAsync(s => s.Phase == SinkPhase.Retrying);
        Assert.Equal("connect_failed", server.State().Reason);
        Assert.StartsWith($"127.0.0.1:{port}: ", server.State().Detail, StringComparison.Ordinal);
        await using var end = new LineServer(port: port);
        await server.DeliveredAsync("tcp");
        await end.HasAsync(100);
        Assert.Equal(Enumerable.Range(0, 100), TcpSinks.Numbers(end));
        Assert.Equal(SinkPhase.Running, server.State().Phase);
    }

    [Fact]
    public async Task A_name_that_nobody_knows_is_tried_again()
    {
        await using SinkServer server = TcpSinks.Server("no-such-host.invalid:5170");
        server.AppendProcesses(0, 1);
        await server.StartAsync();
        await server.UntilAsync(s => s is { Phase: SinkPhase.Retrying, Reason: "name_not_resolved" });
        Assert.Contains("no-such-host.invalid", server.State().Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_addresses_of_a_name_are_tried()
    {
        // localhost is ::1 first where there is IPv6.
        await using var end = new LineServer();
        await using SinkServer server = TcpSinks.Server($"localhost:{end.Port}");
        server.AppendProcesses(0, 1);
        await server.StartAsync();
        await server.DeliveredAsync("tcp");
        await end.HasAsync(1);
    }

    [Fact]
    public async Task An_address_of_IPv6_stands_in_brackets()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6, "There is no IPv6.");
        await using var end = new LineServer(address: IPAddress.IPv6Loopback);
        await using SinkServer server = TcpSinks.Server($"[::1]:{end.Port}");
        server.AppendProcesses(0, 3);
        await server.StartAsync();
        await server.DeliveredAsync("tcp");
        await end.HasAsync(3);
    }

    [Fact]
    public async Task A_batch_is_written_again_when_the_connection_breaks_in_the_middle_of_it()
    {
        await using var end = new LineServer(async (server, socket, stream, number) =>
        {
            if (number > 3)
            {
                await LineServer.TakeLinesAsync(server, socket, stream, number);
                return;
            }
            await stream.ReadExactlyAsync(new byte[5000 * number]);
            socket.Close(0);
        });
        await using SinkServer server = TcpSinks.Server(end);
        server.AppendProcesses(0, 1000);
        await server.StartAsync();
        await server.DeliveredAsync("tcp");
        await SinkServer.UntilAsync(() => TcpSinks.Numbers(end).Count == 1000);
        Assert.Equal(new SinkCounts(1000, 1000, 0, 0, 0, 0), server.Sink("tcp").Metrics.Counts);
        Assert.True(server.Sink("tcp").Metrics.Retries.Single(r => r.Key == "connection_lost").Value >= 3);
    }

    [Fact]
    public async Task An_end_that_closed_while_nothing_was_sent_swallows_nothing()
    {
        var close = new TaskCompletionSource();
        var closed = new TaskCompletionSource();
        await using var end = new LineServer(async (server, socket, stream, number) =>
        {
            if (number > 1)
            {
                await LineServer.TakeLinesAsync(server, socket, stream, number);
                return;
            }
            await close.Task;
            socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            closed.SetResult();
            // Half open: what comes now would be acknowledged, and nobody would read it.
            await server.NothingAsync();
        });
        await using SinkServer server = TcpSinks.Server(end, "settle-time = 0 s");
        server.AppendProcesses(0, 1);
        await server.StartAsync();
        await server.DeliveredAsync("tcp");
        close.SetResult();
        await closed.Task.InTime();
        for (int n = 1; n <= 20; n++)
        {
            server.AppendProcesses(n, 1);
            await server.DeliveredAsync("tcp");
        }
        await end.HasAsync(20);
        Assert.Equal(Enumerable.Range(1, 20), TcpSinks.Numbers(end));
        Assert.Equal(2, end.Connections);
    }

    [Fact]
    public async Task What_a_program_had_not_read_when_it_died_is_sent_again()
    {
        long bytes = 0;
        await using var end = new LineServer(async (server, socket, stream, number) =>
        {
            if (number > 1)
            {
                await LineServer.TakeLinesAsync(server, socket, stream, number);
                return;
            }
            // All of it is acknowledged and none of it read.
            while (socket.Available < 30_000)
                await Task.Delay(1);
            bytes = socket.Available;
        });
        await using SinkServer server = TcpSinks.Server(end, "settle-time = 10 s, send-timeout = 2 m");
        server.AppendProcesses(0, 100);
        await server.StartAsync();
        await SinkServer.UntilAsync(() => TcpSinks.Numbers(end).Count == 100, () => server.State().ToString());
        Assert.True(bytes >= 30_000);
        Assert.Equal(Enumerable.Range(0, 100), TcpSinks.Numbers(end));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_batch_that_is_only_in_our_own_send_buffer_is_not_delivered(bool acknowledged)
    {
        // Takes a few kilobytes, reads nothing and stays.
        await using var end = new LineServer((server, _, _, _) => server.NothingAsync(), receiveBuffer: 4096);
        await using SinkServer server = TcpSinks.Server(end, $"acknowledged = {(acknowledged ? "on" : "off")}, stall-timeout = 200 ms");
        server.AppendProcesses(0, 300);
        await server.StartAsync();
        if (acknowledged)
        {
            await server.UntilAsync(s => s is { Phase: SinkPhase.Retrying, Reason: "stalled" });
            Assert.Contains("nothing was", server.State().Detail, StringComparison.Ordinal);
            Assert.Equal(0, server.Sink("tcp").Metrics.Counts.Delivered);
        }
        else
        {
            // So the bytes were indeed in our buffer: this is what the setting is for.
            await server.DeliveredAsync("tcp");
        }
    }

    [Fact]
    public async Task A_slow_end_is_waited_for()
    {
        await using var end = new LineServer(async (server, socket, stream, number) =>
        {
            byte[] buffer = new byte[4096];
            var slow = new MemoryStream();
            while (slow.Length < 400_000)
            {
                int read = await stream.ReadAsync(buffer);
                if (read == 0)
                    return;
                slow.Write(buffer, 0, read);
                await Task.Delay(12);
            }
            slow.Position = 0;
            await LineServer.TakeLinesAsync(server, socket, new Joined(slow, stream), number);
        }, receiveBuffer: 4096);
        // Long enough that this process, which is the end, is not taken for one that stands still when others have the processors.
        await using SinkServer server = TcpSinks.Server(end, "stall-timeout = 1 s, batch-count = 5000, batch-linger = 200 ms");
        server.AppendProcesses(0, 1500);
        await server.StartAsync();
        await server.DeliveredAsync("tcp");
        await end.HasAsync(1500);
        Assert.Equal(Enumerable.Range(0, 1500), TcpSinks.Numbers(end));
        // Slower than the stall-timeout as a whole, and never still: no connection was given up.
        Assert.Equal(1, end.Connections);
        Assert.Equal(1500, end.Lines.Count);
    }

    [Fact]
    public async Task What_the_other_end_says_is_read_and_dropped()
    {
        await using var end = new LineServer(async (server, socket, stream, number) =>
        {
            Task reading = LineServer.TakeLinesAsync(server, socket, stream, number);
            // Far more than any window: the write would never end if nobody read.
            await stream.WriteAsync(new byte[16 << 20]);
            await reading;
        });
        await using SinkServer server = TcpSinks.Server(end, "settle-time = 0 s");
        server.AppendProcesses(0, 10);
        await server.StartAsync();
        await server.DeliveredAsync("tcp");
        server.AppendProcesses(10, 10);
        await server.DeliveredAsync("tcp");
        await SinkServer.UntilAsync(() => TcpSinks.Numbers(end).Count == 20);
        Assert.Equal(1, end.Connections);
    }

    [Fact]
    public async Task Why_an_end_closes_is_told_in_its_own_words()
    {
        await using var end = new LineServer(async (_, socket, stream, _) =>
        {
            await stream.ReadExactlyAsync(new byte[100]);
            await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
        });
        await using SinkServer server = TcpSinks.Server(end);
        server.AppendProcesses(0, 10);
        await server.StartAsync();
        await server.UntilAsync(s => s.Detail?.Contains("it had said: HTTP/1.1 400 Bad Request", StringComparison.Ordinal) == true);
        Assert.Equal(0, server.Sink("tcp").Metrics.Counts.Delivered);
    }

    [Fact]
    public async Task Several_ends_share_the_batches_and_one_that_is_dead_costs_nothing_but_its_share()
    {
        await using var first = new LineServer();
        var second = new LineServer();
        await using SinkServer server = TcpSinks.Server($"127.0.0.1:{first.Port} 127.0.0.1:{second.Port}", "batch-count = 10");
        await server.StartAsync();
        server.AppendProcesses(0, 300);
        await server.DeliveredAsync("tcp");
        await SinkServer.UntilAsync(() => TcpSinks.Numbers(first, second).Count == 300);
        Assert.NotEmpty(first.Lines);
        Assert.NotEmpty(second.Lines);
        await second.DisposeAsync();
        server.AppendProcesses(300, 300);
        await server.DeliveredAsync("tcp");
        await SinkServer.UntilAsync(() => TcpSinks.Numbers(first, second).Count == 600);
    }

    [Fact]
    public async Task A_connection_is_exchanged_when_its_lifetime_is_over()
    {
        await using var end = new LineServer();
        var time = new Ingest.ManualTime();
        await using SinkServer server = TcpSinks.Server(end);
        await using var sink = new JsonTcpSink("x", TcpSettings($"endpoints = [\"127.0.0.1:{end.Port}\"], settle-time = 0 s"), server.Context, time);
        Assert.Equal(SinkVerdictKind.Delivered, (await sink.SendAsync(Frames.Attempt([Frames.Process(1)]), Cancellation).AsTask().InTime()).Kind);
        Assert.Equal(SinkVerdictKind.Delivered, (await sink.SendAsync(Frames.Attempt([Frames.Process(2)]), Cancellation).AsTask().InTime()).Kind);
        Assert.Equal(1, end.Connections);
        time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(SinkVerdictKind.Delivered, (await sink.SendAsync(Frames.Attempt([Frames.Process(3)]), Cancellation).AsTask().InTime()).Kind);
        await SinkServer.UntilAsync(() => end.Connections == 2);
    }

    [Fact]
    public async Task A_line_that_the_other_end_dies_of_costs_itself()
    {
        await using var end = new LineServer(async (server, socket, stream, number) =>
        {
            var reader = new StreamReader(stream);
            var lines = new List<string>();
            while (await reader.ReadLineAsync() is { } line)
            {
                if (line.Contains("\"pid\":1007", StringComparison.Ordinal))
                {
                    socket.Close(0);
                    return;
                }
                server.Take(line);
            }
        });
        await using SinkServer server = TcpSinks.Server(end, "batch-count = 10, settle-time = 50 ms, unanswered.halve-after = 2, unanswered.give-up-after = 2");
        await server.StartAsync();
        int next = 0;
        while (server.Sink("tcp").Metrics.Counts.DeadLettered == 0)
        {
            server.AppendProcesses(next, 10);
            next += 10;
            int all = next;
            await SinkServer.UntilAsync(() => server.Sink("tcp").Metrics.Counts is var c && c.Delivered + c.DeadLettered >= all - 10, () => server.State().ToString());
        }
        await server.DeliveredAsync("tcp");
        await SinkServer.UntilAsync(() => TcpSinks.Numbers(end).Count == next - 1);
        Assert.Equal(Enumerable.Range(0, next).Where(n => n != 7), TcpSinks.Numbers(end));
        await server.Host!.StopAsync();
        Assert.Equal("no_answer", Assert.Single(server.DeadLettersOf("tcp")).Reason);
    }

    [Fact]
    public async Task A_line_above_its_limit_is_a_dead_letter()
    {
        await using var end = new LineServer();
        await using SinkServer server = TcpSinks.Server(end, "max-line-bytes = 2 KiB");
        ProcessInfo large = Frames.Process(2);
        large.Cmdline = new string('x', 3000);
        server.Append([Frames.Process(1), large, Frames.Process(3)]);
        await server.StartAsync();
        await server.DeliveredAsync("tcp");
        await end.HasAsync(2);
        Assert.Equal([1, 3], TcpSinks.Numbers(end));
        await server.Host!.StopAsync();
        Assert.Equal("line_too_long", Assert.Single(server.DeadLettersOf("tcp")).Reason);
    }

    [Fact]
    public async Task A_stop_with_an_end_that_takes_nothing_is_short_and_loses_nothing()
    {
        await using var end = new LineServer((server, _, _, _) => server.NothingAsync(), receiveBuffer: 4096);
        await using SinkServer server = TcpSinks.Server(end, "batch-count = 100");
        server.AppendProcesses(0, 3000);
        await server.StartAsync();
        await SinkServer.UntilAsync(() => server.Sink("tcp").Metrics.InFlightRequests > 0);
        long begin = Stopwatch.GetTimestamp();
        await server.Host!.StopAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal((0, 3000), (server.Sink("tcp").Metrics.Counts.Delivered, server.Sink("tcp").LagRecords));
    }

    [Fact]
    public async Task Lines_that_do_not_lie_one_behind_the_other_are_gathered()
    {
        await using var end = new LineServer();
        await using SinkServer server = TcpSinks.Server(end);
        await using var sink = new JsonTcpSink("x", TcpSettings($"endpoints = [\"127.0.0.1:{end.Port}\"]"), server.Context);
        var batch = new SinkBatch();
        string[] texts = [.. Enumerable.Range(0, 60).Select(n => $"{{\"n\":{n},\"pad\":\"{new string('x', n == 30 ? 400_000 : n * 500)}\"}}\n")];
        foreach (string text in texts)
        {
            JournalRecord record = Frames.Record(Frames.Process(1));
            batch.Cover(record);
            int begin = batch.Output.Length;
            batch.Output.Write(System.Text.Encoding.UTF8.GetBytes(text));
            batch.Add(record, 0, begin);
        }
        int[] even = [.. Enumerable.Range(0, 30).Select(n => n * 2)];
        Assert.Equal(SinkVerdictKind.Delivered, (await sink.SendAsync(new SinkAttempt(batch, even, 0), Cancellation).AsTask().InTime()).Kind);
        await end.HasAsync(30);
        Assert.Equal(even.Select(n => texts[n].TrimEnd()), end.Lines);
    }

    private static JsonTcpSettings TcpSettings(string settings = "") => JsonTcpSettingsSpec.Create(settings);

    /// <summary>What was read before, and then the rest.</summary>
    private sealed class Joined(Stream first, Stream second) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await first.ReadAsync(buffer, cancellationToken);
            return read > 0 ? read : await second.ReadAsync(buffer, cancellationToken);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
