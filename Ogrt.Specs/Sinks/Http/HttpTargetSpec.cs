using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ogrt.Sinks;
using Ogrt.Sinks.Endpoints;
using Ogrt.Sinks.Http;
using Ogrt.Specs.Ingest;

namespace Ogrt.Specs.Sinks.Http;

public sealed class HttpTargetSpec
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_has_its_exact_length_and_none_of_what_a_proxy_or_a_tracer_would_add(bool gzip)
    {
        var heads = new ConcurrentQueue<string>();
        var bodies = new ConcurrentQueue<byte[]>();
        await using RawServer server = Recording(heads, bodies);
        HttpTargetSettings settings = HttpTargets.Settings(new Uri(server.Uri, "/base/")) with { Gzip = gzip };
        using HttpTarget target = HttpTargets.Target(settings);
        byte[] piece = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("the same again ", 30_000)));
        await using RequestBody body = HttpTargets.Body(piece, [], piece);
        if (gzip)
            body.Compress();

        using HttpAnswer answer = await target.SendAsync(HttpTargets.Post(body), Cancellation).InTime();

        Assert.Equal(200, answer.Status);
        string head = Assert.Single(heads);
        Assert.StartsWith("POST /base/_bulk HTTP/1.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains($"Content-Length: {body.Length}\r\n", head, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/x-ndjson\r\n", head, StringComparison.Ordinal);
        foreach (string absent in new[] { "Transfer-Encoding", "Expect", "traceparent", "Cookie", "Authorization" })
            Assert.DoesNotContain(absent, head, StringComparison.OrdinalIgnoreCase);
        byte[] came = Assert.Single(bodies);
        Assert.Equal(gzip, head.Contains("Content-Encoding: gzip", StringComparison.Ordinal));
        if (gzip)
        {
            Assert.True(body.Length < piece.Length / 10);
            using var unpacked = new GZipStream(new MemoryStream(came), CompressionMode.Decompress);
            using var all = new MemoryStream();
            await unpacked.CopyToAsync(all, Cancellation);
            came = all.ToArray();
        }
        Assert.Equal([.. piece, .. piece], came);
        EndpointMetrics metrics = target.Endpoints[0].Metrics;
        Assert.Equal((2L * piece.Length, body.Length), (metrics.RawBytes, metrics.WireBytes));
        Assert.Equal([KeyValuePair.Create("200", 1L)], metrics.Requests);
    }

    [Fact]
    public async Task A_body_that_one_endpoint_broke_off_goes_to_the_next_whole()
    {
        await using var broken = new RawServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.ReadAsync(10_000);
            connection.Reset();
        });
        var bodies = new ConcurrentQueue<byte[]>();
        await using RawServer good = Recording([], bodies);
        using HttpTarget target = HttpTargets.Target(HttpTargets.Settings(broken.Uri, good.Uri));
        byte[] bytes = HttpTargets.Bytes(20 << 20);
        for (int n = 0; n < 2; n++)
        {
            await using RequestBody body = HttpTargets.Body(bytes);
            using HttpAnswer answer = await target.SendAsync(HttpTargets.Post(body), Cancellation).InTime();
            Assert.Equal(200, answer.Status);
        }
        Assert.True(broken.Connections >= 1);
        Assert.All(bodies, came => Assert.True(came.AsSpan().SequenceEqual(bytes)));
        Assert.Equal(2, bodies.Count);
    }

    [Fact]
    public async Task An_endpoint_that_cannot_is_left_alone_and_tried_again_by_one_request_when_its_time_is_over()
    {
        int status = 503;
        var sick = new ConcurrentQueue<string>();
        await using var server = new RawServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                sick.Enqueue(request.Head);
                await connection.AnswerAsync(Volatile.Read(ref status));
            }
        });
        await using RawServer good = Recording([], []);
        var time = new ManualTime();
        using HttpTarget target = HttpTargets.Target(HttpTargets.Settings(server.Uri, good.Uri), time);

        for (int n = 0; n < 20; n++)
            await GetAsync(target, 200);
        Assert.Equal(2, sick.Count);
        Assert.True(target.Endpoints[0].Circuit.IsOpen);

        Volatile.Write(ref status, 200);
        time.Advance(TimeSpan.FromSeconds(2));
        for (int n = 0; n < 20; n++)
            await GetAsync(target, 200);
        Assert.False(target.Endpoints[0].Circuit.IsOpen);
        Assert.True(sick.Count > 5, "The endpoint is back, and gets no requests.");
    }

    [Fact]
    public async Task Where_no_endpoint_is_left_one_is_asked_all_the_same()
    {
        int port = FreePort();
        using HttpTarget target = HttpTargets.Target(HttpTargets.Settings(new Uri($"http://127.0.0.1:{port}")), new ManualTime());
        for (int n = 0; n < 5; n++)
        {
            using HttpAnswer none = await target.SendAsync(HttpTargets.Get, Cancellation).InTime();
            Assert.Equal((HttpAnswerKind.NoAnswer, "connect_failed"), (none.Kind, none.Reason));
            Assert.Equal(SinkVerdictKind.Retry, HttpVerdicts.Of(none).Kind);
        }
    }

    [Fact]
    public async Task The_endpoint_with_the_fewest_requests_under_way_is_asked()
    {
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var slow = new RawServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await hold.Task.WaitAsync(connection.Stop);
                await connection.AnswerAsync(200);
            }
        });
        await using RawServer quick = Recording([], []);
        using HttpTarget target = HttpTargets.Target(HttpTargets.Settings(slow.Uri, quick.Uri));
        var held = new List<Task>();
        while (target.Endpoints[0].InFlight == 0)
            held.Add(GetAsync(target, 200));
        // As long as the other has one as well, both are equals.
        await SinkServer.UntilAsync(() => target.Endpoints[1].InFlight == 0);

        for (int n = 0; n < 10; n++)
            await GetAsync(target, 200);

        Assert.Equal(1, target.Endpoints[0].InFlight);
        hold.SetResult();
        await Task.WhenAll(held).InTime();
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"items\":[", "connection_lost")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n{\"items\":[", "connection_lost")]
    [InlineData("", "connection_lost")]
    [InlineData("HTTP/1.1 ", "connection_lost")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n\r\n", "bad_answer")]
    public async Task Half_an_answer_is_none(string answer, string reason)
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(answer);
        });
        using HttpTarget target = HttpTargets.Target(HttpTargets.Settings(server.Uri));
        await using RequestBody body = HttpTargets.Body([1, 2, 3]);
        using HttpAnswer none = await target.SendAsync(HttpTargets.Post(body), Cancellation).InTime();
        Assert.Equal((HttpAnswerKind.NoAnswer, reason), (none.Kind, none.Reason));
    }

    [Fact]
    public async Task An_answer_beyond_the_bound_is_not_read_to_its_end()
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            while (true)
                await connection.WriteAsync(new string('x', 100_000));
        });
        using HttpTarget target = HttpTargets.Target(HttpTargets.Settings(server.Uri));
        using HttpAnswer answer = await target.SendAsync(HttpTargets.Get, Cancellation).InTime();
        Assert.Equal((HttpAnswerKind.TooLong, "answer_too_long", 200), (answer.Kind, answer.Reason, answer.Status));
        Assert.False(answer.IsSuccess);
    }

    [Theory]
    [InlineData("Retry-After: 7\r\n", 7)]
    [InlineData("Retry-After: Mon, 01 Jan 2001 00:00:00 GMT\r\n", 0)]
    [InlineData("Retry-After: 99999999\r\n", 600)]
    [InlineData("Retry-After: soon\r\n", 0)]
    [InlineData("", 0)]
    public async Task The_time_that_the_server_asks_for_is_heard_within_reason(string header, int seconds)
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.AnswerAsync(429, "slow down", header);
        });
        using HttpTarget target = HttpTargets.Target(HttpTargets.Settings(server.Uri));
        using HttpAnswer answer = await target.SendAsync(HttpTargets.Get, Cancellation).InTime();
        SinkVerdict verdict = HttpVerdicts.Of(answer);
        Assert.Equal((SinkVerdictKind.Retry, "http_429", TimeSpan.FromSeconds(seconds)), (verdict.Kind, verdict.Reason, verdict.RetryAfter));
        Assert.Contains("slow down", verdict.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(301, SinkVerdictKind.Pause)]
    [InlineData(401, SinkVerdictKind.Pause)]
    [InlineData(403, SinkVerdictKind.Pause)]
    [InlineData(404, SinkVerdictKind.Pause)]
    [InlineData(405, SinkVerdictKind.Pause)]
    [InlineData(406, SinkVerdictKind.Pause)]
    [InlineData(408, SinkVerdictKind.Retry)]
    [InlineData(413, SinkVerdictKind.Split)]
    [InlineData(429, SinkVerdictKind.Retry)]
    [InlineData(500, SinkVerdictKind.Retry)]
    [InlineData(501, SinkVerdictKind.Pause)]
    [InlineData(502, SinkVerdictKind.Retry)]
    [InlineData(503, SinkVerdictKind.Retry)]
    [InlineData(504, SinkVerdictKind.Retry)]
    public async Task Each_status_has_its_verdict(int status, SinkVerdictKind kind)
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.AnswerAsync(status, "{}");
        });
        using HttpTarget target = HttpTargets.Target(HttpTargets.Settings(server.Uri));
        using HttpAnswer answer = await target.SendAsync(HttpTargets.Get, Cancellation).InTime();
        SinkVerdict verdict = HttpVerdicts.Of(answer);
        Assert.Equal((kind, status), (verdict.Kind, verdict.Status));
    }

    [Fact]
    public async Task A_caller_that_waits_no_longer_gets_its_memory_back_and_the_endpoint_a_failure()
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await Task.Delay(Timeout.Infinite, connection.Stop);
        });
        using HttpTarget target = HttpTargets.Target(HttpTargets.Settings(server.Uri));
        for (int n = 0; n < 2; n++)
        {
            RequestBody body = HttpTargets.Body(HttpTargets.Bytes(32 << 20));
            using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => target.SendAsync(HttpTargets.Post(body), giveUp.Token)).InTime();
            await body.DisposeAsync().InTime();
            Assert.Equal(0, body.Leases);
        }
        Assert.True(target.Endpoints[0].Circuit.IsOpen);
    }

    [Fact]
    public async Task A_missing_secret_is_a_pause_that_names_the_file()
    {
        HttpTargetSettings settings = HttpTargets.Settings(new Uri("http://127.0.0.1:1")) with
        {
            Authentication = HttpAuthentication.Bearer,
            SecretFile = "/no/such/file",
        };
        using HttpTarget target = HttpTargets.Target(settings);
        using HttpAnswer answer = await target.SendAsync(HttpTargets.Get, Cancellation).InTime();
        SinkVerdict verdict = HttpVerdicts.Of(answer);
        Assert.Equal((SinkVerdictKind.Pause, "secret_unreadable"), (verdict.Kind, verdict.Reason));
        Assert.Contains("/no/such/file", verdict.Detail, StringComparison.Ordinal);
    }

    private static async Task GetAsync(HttpTarget target, int status)
    {
        using HttpAnswer answer = await target.SendAsync(HttpTargets.Get, Cancellation).InTime();
        Assert.Equal(status, answer.Status);
    }

    private static RawServer Recording(ConcurrentQueue<string> heads, ConcurrentQueue<byte[]> bodies) => new(async connection =>
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            heads.Enqueue(request.Head);
            bodies.Enqueue(request.Body);
            await connection.AnswerAsync(200, "{}");
        }
    });

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
