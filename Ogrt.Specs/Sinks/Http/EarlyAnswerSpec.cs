using Ogrt.Sinks.Http;

namespace Ogrt.Specs.Sinks.Http;

/// <summary>
/// Answers that come before the request is over. The body lies in memory that is used again as soon as the request is
/// done with: nothing may still be read from it then.
/// </summary>
public sealed class EarlyAnswerSpec
{
    // More than the buffers of two sockets hold, so that the sender has to wait for the reader.
    private const int Large = 32 << 20;

    [Theory]
    [InlineData(413, false)]
    [InlineData(413, true)]
    [InlineData(429, false)]
    [InlineData(429, true)]
    public async Task An_answer_that_comes_while_the_body_is_being_sent_is_heard_and_nobody_reads_the_body_after_it(int status, bool closes)
    {
        byte[] bytes = HttpTargets.Bytes(Large);
        byte[] original = [.. bytes];
        var received = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadHeadAsync();
            byte[] begin = await connection.ReadAsync(100_000);
            await connection.AnswerAsync(status, "{}", closes ? "Connection: close\r\n" : "");
            // The rest lies in the sockets' buffers, or has not been sent, while the sender uses its memory for something else.
            await goOn.Task.WaitAsync(connection.Stop);
            received.SetResult([.. begin, .. await connection.ReadToEndAsync()]);
        });
        using HttpTarget target = HttpTargets.Target(HttpTargets.Settings(server.Uri));
        RequestBody body = HttpTargets.Body(bytes);

        using (HttpAnswer answer = await target.SendAsync(HttpTargets.Post(body), TestContext.Current.CancellationToken).InTime())
        {
            Assert.Equal(status, answer.Status);
        }
        await body.DisposeAsync().InTime();
        Assert.Equal(0, body.Leases);
        Array.Clear(bytes);
        goOn.SetResult();

        byte[] came = await received.Task.InTime();
        Assert.True(came.AsSpan().SequenceEqual(original.AsSpan(0, came.Length)), "Bytes were sent from memory that was given back.");
        Assert.True(came.Length < Large, "The whole body was sent: the answer was not early.");
    }
}
