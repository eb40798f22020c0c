using System.Buffers;
using System.Text;
using Akka.Configuration;
using CsCheck;
using Ogrt.Sinks;
using Ogrt.Sinks.Http;
using Ogrt.Sinks.Splunk;

namespace Ogrt.Specs.Sinks.Splunk;

/// <summary>Every answer there is, put to the reader of answers.</summary>
public sealed class HecVerdictsSpec
{
    [Theory]
    [InlineData(200, """{"text":"Success","code":0}""", "Taken", "Delivered", "ok")]
    [InlineData(200, """{"text":"Success","code":0,"ackId":7}""", "Taken", "Delivered", "ok")]
    [InlineData(200, """{"text":"HEC is healthy","code":17}""", "Taken", "Delivered", "ok")]
    [InlineData(200, """{"text":"Success","code":"0"}""", "Other", "Retry", "unexpected_answer")]
    [InlineData(200, """{"text":"Succ""", "Other", "Retry", "unexpected_answer")]
    [InlineData(200, """{"text":"Success","code":0}{""", "Other", "Retry", "unexpected_answer")]
    [InlineData(200, "<html>Welcome</html>", "Other", "Retry", "unexpected_answer")]
    [InlineData(200, "", "Other", "Retry", "unexpected_answer")]
    [InlineData(200, """{"text":"Server is busy","code":9}""", "Other", "Retry", "unexpected_answer")]
    [InlineData(403, """{"text":"Token disabled","code":1}""", "Other", "Pause", "token_disabled")]
    [InlineData(401, """{"text":"Token is required","code":2}""", "Other", "Pause", "token_required")]
    [InlineData(401, """{"text":"Invalid authorization","code":3}""", "Other", "Pause", "invalid_authorization")]
    [InlineData(403, """{"text":"Invalid token","code":4}""", "Other", "Pause", "invalid_token")]
    [InlineData(401, "missing or empty authorization header", "Other", "Pause", "http_401")]
    [InlineData(400, """{"text":"No data","code":5}""", "EventRefused", "Split", "no_data")]
    [InlineData(400, """{"text":"Invalid data format","code":6,"invalid-event-number":3}""", "EventRefused", "Split", "invalid_data_format")]
    [InlineData(400, """{"text":"Incorrect index","code":7,"invalid-event-number":0}""", "Other", "Pause", "incorrect_index")]
    [InlineData(500, """{"text":"Internal server error","code":8}""", "Other", "Retry", "internal_server_error")]
    [InlineData(503, """{"text":"Server is busy","code":9}""", "Other", "Retry", "server_busy")]
    [InlineData(400, """{"text":"Data channel is missing","code":10}""", "Other", "Pause", "channel_missing")]
    [InlineData(400, """{"text":"Invalid data channel","code":11}""", "Other", "Pause", "invalid_channel")]
    [InlineData(400, """{"text":"Event field is required","code":12,"invalid-event-number":1}""", "EventRefused", "Split", "event_required")]
    [InlineData(400, """{"text":"Event field cannot be blank","code":13,"invalid-event-number":1}""", "EventRefused", "Split", "event_blank")]
    [InlineData(400, """{"text":"ACK is disabled","code":14}""", "Other", "Pause", "acknowledgement_disabled")]
    [InlineData(400, """{"text":"Error in handling indexed fields","code":15,"invalid-event-number":1}""", "EventRefused", "Split", "invalid_indexed_fields")]
    [InlineData(400, """{"text":"Query string authorization is not enabled","code":16}""", "Other", "Pause", "query_authorization_disabled")]
    [InlineData(503, """{"text":"HEC is unhealthy, queues are full","code":18}""", "Other", "Retry", "unhealthy")]
    [InlineData(503, """{"text":"HEC is unhealthy, ack service unavailable","code":19}""", "Other", "Retry", "unhealthy")]
    [InlineData(503, """{"text":"HEC is unhealthy, queues are full, ack service unavailable","code":20}""", "Other", "Retry", "unhealthy")]
    [InlineData(400, """{"text":"Invalid token","code":21}""", "Other", "Pause", "invalid_token")]
    [InlineData(400, """{"text":"Token disabled","code":22}""", "Other", "Pause", "invalid_token")]
    [InlineData(503, """{"text":"Server is shutting down","code":23}""", "Other", "Retry", "shutting_down")]
    [InlineData(429, """{"text":"At capacity","code":26}""", "Other", "Retry", "other_code")]
    [InlineData(413, """{"text":"Request entity too large","code":27}""", "Other", "Split", "too_large")]
    [InlineData(413, "<html>", "Other", "Split", "too_large")]
    [InlineData(400, "\"Unsupported metric event\"", "EventRefused", "Split", "bad_request")]
    [InlineData(400, "<html><title>400 No required SSL certificate was sent</title>", "Other", "Pause", "http_400", "text/html")]
    [InlineData(404, """{"text":"The requested URL was not found on this server.","code":404}""", "Other", "Pause", "other_code")]
    [InlineData(302, "", "Other", "Pause", "http_302")]
    [InlineData(502, "<html>", "Other", "Retry", "http_502")]
    [InlineData(504, "", "Other", "Retry", "http_504")]
    public void An_answer_means(int status, string body, string meaning, string kind, string reason, string type = "application/json")
    {
        using HttpAnswer answer = Answer(status, Encoding.UTF8.GetBytes(body), type);
        (HecMeaning found, SinkVerdict verdict) = HecVerdicts.Of(answer, HecAnswer.Read(answer.Body.Span));
        Assert.Equal((meaning, kind, reason), (found.ToString(), verdict.Kind.ToString(), verdict.Reason));
        Assert.True(verdict.Kind == SinkVerdictKind.Delivered || verdict.Status == status);
    }

    [Fact]
    public void A_pause_says_what_to_do()
    {
        Assert.Contains("set acknowledgement = off", Detail(14), StringComparison.Ordinal);
        Assert.Contains("set acknowledgement = on", Detail(10), StringComparison.Ordinal);
        Assert.Contains("setting index", Detail(7), StringComparison.Ordinal);

        static string? Detail(int code)
        {
            using HttpAnswer answer = Answer(400, Encoding.ASCII.GetBytes($"{{\"code\":{code}}}"));
            return HecVerdicts.Of(answer, HecAnswer.Read(answer.Body.Span)).Verdict.Detail;
        }
    }

    [Theory]
    [InlineData("""{"code":6,"invalid-event-number":4,"text":"x","more":{"code":1,"a":[1]}}""", 6, 4, null)]
    [InlineData("""{"ackId":9007199254740993,"code":0}""", 0, null, 9007199254740993)]
    [InlineData("""{"code":6,"invalid-event-number":-1}""", 6, -1, null)]
    [InlineData("""{"code":6,"invalid-event-number":"4"}""", 6, null, null)]
    [InlineData("""{"code":6,"invalid-event-number":[4]}""", 6, null, null)]
    [InlineData("""{"code":6.5}""", null, null, null)]
    [InlineData("""{"code":99999999999999}""", null, null, null)]
    [InlineData("""[{"code":6}]""", null, null, null)]
    [InlineData("""{"code":6""", null, null, null)]
    public void A_body_is_read_as_far_as_it_says_something(string body, int? code, int? number, long? ackId) =>
        Assert.Equal(new HecAnswer(code, number, ackId), HecAnswer.Read(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void No_bytes_at_all_make_the_reader_throw_or_deliver() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        using HttpAnswer answer = Answer(200, bytes);
        Assert.Equal(SinkVerdictKind.Retry, HecVerdicts.Of(answer, HecAnswer.Read(bytes)).Verdict.Kind);
    }, iter: 2000, threads: 1);

    [Theory]
    [InlineData("send-timeout = 5 s", "send-timeout is 00:00:05; a request may take 00:01:00 (request-timeout)")]
    [InlineData("acknowledgement = on, acknowledgement-timeout = 10 m", "a request and its acknowledgement may take 00:11:00")]
    [InlineData("acknowledgement-poll-max = 1 ms", "acknowledgement-poll-max is shorter")]
    [InlineData("token-file = \"\"", "token-file must not be empty")]
    [InlineData("endpoints = []", "endpoints has none")]
    public void A_wrong_setting_is_said(string setting, string message) =>
        Assert.Contains(message, Assert.Throws<ConfigurationException>(() => SplunkSinks.Settings(setting)).Message, StringComparison.Ordinal);

    private static HttpAnswer Answer(int status, byte[] body, string type = "application/json")
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(body.Length + 1);
        body.CopyTo(buffer, 0);
        return HttpAnswer.Of(new Uri("http://hec:8088"), status, default, type, buffer, body.Length, whole: true);
    }
}
