using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Ogrt.Sinks;
using Ogrt.Sinks.Elasticsearch;
using Ogrt.Sinks.Http;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>Every answer there is, put to the reader of answers.</summary>
public sealed class BulkOutcomeSpec
{
    private static readonly Uri Server = new("http://es:9200");

    /// <summary>What a server may say of one item, and what becomes of it. Texts are those of Elasticsearch 7 to 9 and OpenSearch.</summary>
    public static readonly TheoryData<string, string, int, string, string> Items = new()
    {
        { "Delivered", "create", 201, "", "" },
        { "Delivered", "index", 200, "", "" },
        { "Delivered", "update", 200, "", "" },
        { "Duplicate", "create", 409, "version_conflict_engine_exception", "[1]: version conflict, document already exists (current version [1])" },
        { "Duplicate", "index", 409, "version_conflict_engine_exception", "[1]: version conflict, current version [3] is higher or equal to the one provided [2]" },
        { "Retry", "update", 409, "version_conflict_engine_exception", "[1]: version conflict, required seqNo [5]" },
        { "Retry", "create", 429, "es_rejected_execution_exception", "rejected execution of coordinating operation" },
        { "Retry", "create", 429, "rejected_execution_exception", "rejected" },
        { "Retry", "create", 429, "circuit_breaking_exception", "[parent] Data too large" },
        { "Retry", "create", 429, "cluster_block_exception", "index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark]" },
        { "Retry", "create", 503, "unavailable_shards_exception", "[x][0] primary shard is not active" },
        { "Retry", "create", 500, "exception", "something" },
        { "Retry", "create", 0, "", "" },
        { "Retry", "create", 400, "resource_already_exists_exception", "index [x] already exists" },
        { "Rejected", "create", 400, "mapper_parsing_exception", "failed to parse field [pid] of type [long]" },
        { "Rejected", "create", 400, "document_parsing_exception", "[1:5] failed to parse" },
        { "Rejected", "create", 400, "strict_dynamic_mapping_exception", "mapping set to strict, dynamic introduction of [x] within [_doc] is not allowed" },
        { "Rejected", "create", 400, "illegal_argument_exception", "Limit of total fields [1000] has been exceeded" },
        { "Rejected", "create", 400, "never_heard_of_it", "x" },
        { "Rejected", "create", 413, "too_large", "x" },
        { "Rejected", "create", 422, "x", "x" },
        { "Pause", "create", 400, "validation_exception", "Validation Failed: 1: this action would add [2] total shards, but this cluster currently has [2999]/[3000] maximum shards open;" },
        { "Pause", "create", 400, "illegal_argument_exception", "pipeline with id [x] does not exist" },
        { "Pause", "create", 400, "illegal_argument_exception", "only write ops with an op_type of create are allowed in data streams" },
        { "Pause", "create", 400, "illegal_argument_exception", "no write index is defined for alias [x]" },
        { "Pause", "create", 400, "index_closed_exception", "closed" },
        { "Pause", "create", 401, "security_exception", "unable to authenticate" },
        { "Pause", "create", 403, "security_exception", "action [indices:data/write/bulk] is unauthorized" },
        { "Pause", "create", 403, "cluster_block_exception", "index [x] blocked by: [FORBIDDEN/5/index read-only (api)]" },
        { "Pause", "create", 404, "index_not_found_exception", "no such index [x] and [action.auto_create_index] is [false]" },
    };

    [Theory]
    [MemberData(nameof(Items))]
    public void An_item_alone(string fate, string action, int status, string type, string reason)
    {
        SinkAttempt attempt = Attempt([action]);
        SinkVerdict verdict = Judge(attempt, Answer([Item(action, status, type, reason)]));
        Check(attempt, 0, fate, status);
        Assert.Equal(fate == "Delivered" ? SinkVerdictKind.Delivered : SinkVerdictKind.PerItem, verdict.Kind);
        Assert.Equal(fate == "Pause", verdict.IsPause);
        if (fate == "Pause")
        {
            Assert.Contains(reason, verdict.Detail, StringComparison.Ordinal);
            Assert.Equal(status, verdict.Status);
        }
    }

    [Fact]
    public void Items_mixed_in_one_answer_each_get_their_own()
    {
        object[][] rows = [.. Items.Select(r => ((ITheoryDataRow)r).GetData().Select(d => d!).ToArray())];
        Gen.Int[0, rows.Length - 1].Array[1, 60].Sample(
            picked =>
            {
                object[][] sent = [.. picked.Select(n => rows[n])];
                SinkAttempt attempt = Attempt([.. sent.Select(r => (string)r[1])]);
                SinkVerdict verdict = Judge(attempt, Answer([.. sent.Select(r => Item((string)r[1], (int)r[2], (string)r[3], (string)r[4]))]));
                for (int n = 0; n < sent.Length; n++)
                    Check(attempt, n, (string)sent[n][0], (int)sent[n][2]);
                bool all = sent.All(r => (string)r[0] == "Delivered");
                Assert.Equal(all ? SinkVerdictKind.Delivered : SinkVerdictKind.PerItem, verdict.Kind);
                Assert.Equal(sent.Any(r => (string)r[0] == "Pause"), verdict.IsPause);
            }, iter: 500, threads: 1);
    }

    [Fact]
    public void A_rejected_item_keeps_the_words_of_the_server_and_a_label_of_a_known_set()
    {
        SinkAttempt attempt = Attempt(["create", "create"]);
        Judge(attempt, Answer([Item("create", 400, "mapper_parsing_exception", "field \\\"pid\\\""), Item("create", 400, "new_in_11", "x")]));
        Assert.Equal("mapper_parsing_exception", attempt.RefusalOf(0).Reason);
        Assert.Equal("mapper_parsing_exception: field \"pid\"", attempt.RefusalOf(0).Detail);
        Assert.Equal("other", attempt.RefusalOf(1).Reason);
        Assert.Equal("new_in_11: x", attempt.RefusalOf(1).Detail);
    }

    [Fact]
    public void The_flag_errors_is_not_believed()
    {
        SinkAttempt attempt = Attempt(["create", "create"]);
        string items = string.Join(',', Item("create", 201, "", ""), Item("create", 429, "es_rejected_execution_exception", ""));
        Assert.Equal(SinkVerdictKind.PerItem, Judge(attempt, $$"""{"errors":false,"items":[{{items}}]}""").Kind);
        Assert.Equal(SinkOutcome.Retry, attempt.Outcome(1));
    }

    [Fact]
    public void Documents_in_a_failure_store_count_as_delivered_and_by_themselves()
    {
        SinkAttempt attempt = Attempt(["create", "create"]);
        using HttpAnswer answer = Of(200, """{"items":[{"create":{"status":201,"failure_store":"used"}},{"create":{"status":201,"failure_store":"not_applicable_or_unknown"}}]}""");
        (SinkVerdict verdict, int stored) = BulkOutcome.Of(answer, attempt);
        Assert.Equal((SinkVerdictKind.Delivered, 1), (verdict.Kind, stored));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"items\"")]
    [InlineData("""{"took":3,"errors":false}""")]
    [InlineData("""{"items":{}}""")]
    [InlineData("""{"items":null}""")]
    [InlineData("""{"items":[{"create":{"status":201}},{"create":{"status":201}}]""")]
    [InlineData("""{"items":[{"create":{"status":201}},{"create":{"status":201}}]}x""")]
    [InlineData("""{"items":[{"create":{"status":201}},{"create":{"status":201}}]}{"items":[]}""")]
    [InlineData("<html>OK</html>")]
    public void An_answer_that_is_none_leaves_everything_unknown(string body)
    {
        SinkAttempt attempt = Attempt(["create", "create"]);
        SinkVerdict verdict = Judge(attempt, body);
        Assert.Equal((SinkVerdictKind.Retry, "unreadable_answer"), (verdict.Kind, verdict.Reason));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(40)]
    public void An_answer_with_another_number_of_items_leaves_everything_unknown(int count)
    {
        SinkAttempt attempt = Attempt(["create", "create"]);
        SinkVerdict verdict = Judge(attempt, Answer([.. Enumerable.Repeat(Item("create", 201, "", ""), count)]));
        Assert.Equal((SinkVerdictKind.Retry, "item_count"), (verdict.Kind, verdict.Reason));
        // A server that goes on miscounting may count fewer right; one item alone is never given up for it.
        attempt.Number = 3;
        Assert.Equal(SinkVerdictKind.Split, Judge(attempt, Answer([])).Kind);
        SinkAttempt one = Attempt(["create"]);
        one.Number = 30;
        Assert.Equal(SinkVerdictKind.Retry, Judge(one, Answer([])).Kind);
    }

    [Fact]
    public void Runs_of_the_same_item_are_counted_as_a_reader_of_each_counts_them()
    {
        string[] items =
        [
            """{"create":{"status":201}}""", """{"create":{"status":201}}""", """{"index":{"status":200}}""", """{"create":{"status":201,"failure_store":"used"}}""",
            """{"create":{"status":201} }""", """{"create":{"status":409}}""", """{"create":{"status":429}}""", "{}", "201", "null",
        ];
        string[] separators = [",", ",", ",", ", ", " ,", ",\n"];
        Gen.Select(Gen.Int[0, items.Length - 1], Gen.Int[1, 8], Gen.Int[0, separators.Length - 1]).Array[0, 12].Sample(
            runs =>
            {
                var text = new StringBuilder("""{"errors":false,"items":[""");
                int count = 0;
                foreach ((int item, int times, int separator) in runs)
                {
                    for (int n = 0; n < times; n++)
                        text.Append(count++ == 0 ? "" : separators[separator]).Append(items[item]);
                }
                byte[] body = Encoding.UTF8.GetBytes(text.Append("""],"took":3}""").ToString());
                using JsonDocument document = JsonDocument.Parse(body);
                int[] expected = [.. document.RootElement.GetProperty("items").EnumerateArray().Select(StatusOf)];
                var read = new List<int>();
                Assert.True(BulkResponse.Read(body, count, (int number, in BulkItem item) =>
                {
                    Assert.Equal(read.Count, number);
                    read.Add(item.Status);
                }, out int counted));
                Assert.Equal(count, counted);
                Assert.Equal(expected, read);
                // Cut anywhere, it is no answer.
                Assert.False(BulkResponse.Read(body.AsSpan(0, body.Length - 1 - (count % 17)), count, (int _, in BulkItem _) => { }, out _));
                Assert.True(BulkResponse.Read(body, count / 2, (int number, in BulkItem _) => Assert.True(number < count / 2), out counted));
                Assert.Equal(count, counted);
            }, iter: 2000, threads: 1);
    }

    [Theory]
    [InlineData("""{"create":{"status":201}}{"create":{"status":201}}""")]
    [InlineData("""{"create":{"status":201}},{"create":{"status":201}}x""")]
    [InlineData("""{"create":{"status":201}},{"create":{"status":201}},""")]
    [InlineData("""{"create":{"status":201}},,{"create":{"status":201}}""")]
    [InlineData("""{"create":{"status":201}},{"create":{"status":201}}}""")]
    [InlineData("""{"create":{"status":201}},{"create":{"status":201}},{"create":{"status":201}""")]
    public void A_run_that_is_no_list_is_no_answer(string items) =>
        Assert.False(BulkResponse.Read(Encoding.UTF8.GetBytes($$"""{"items":[{{items}}]}"""), 5, (int _, in BulkItem _) => { }, out _));

    [Fact]
    public void Strange_items_are_unknown_each()
    {
        SinkAttempt attempt = Attempt(["create", "create", "create", "create", "create"]);
        Judge(attempt, """{"items":[7,{"create":null},{"create":{"status":"201"}},{"create":{"status":400,"error":"MapperParsingException[failed]"}},{"create":{"status":201.5,"x":[{"y":1}]}}]}""");
        Assert.Equal(
            [SinkOutcome.Retry, SinkOutcome.Retry, SinkOutcome.Retry, SinkOutcome.Rejected, SinkOutcome.Retry],
            Enumerable.Range(0, 5).Select(attempt.Outcome));
    }

    [Fact]
    public void No_bytes_at_all_make_the_reader_throw_or_deliver() => Gen.Byte.Array[0, 200].Sample(
        bytes =>
        {
            SinkAttempt attempt = Attempt(["create"]);
            using HttpAnswer answer = Of(200, bytes);
            Assert.Equal(SinkVerdictKind.Retry, BulkOutcome.Of(answer, attempt).Verdict.Kind);
        }, iter: 2000, threads: 1);

    [Theory]
    [InlineData(400, "application/json", """{"error":{"root_cause":[],"type":"illegal_argument_exception","reason":"Malformed action/metadata line [3]"},"status":400}""", "Split")]
    [InlineData(400, "application/json", """{"error":{"type":"action_request_validation_exception","reason":"Validation Failed: 1: index is missing;"},"status":400}""", "Split")]
    [InlineData(400, "text/plain", "bad", "Split")]
    [InlineData(400, "", "", "Split")]
    [InlineData(400, "application/json", """{"error":{"type":"illegal_argument_exception","reason":"explicit index in bulk is not allowed"}}""", "Pause")]
    [InlineData(400, "application/json", """{"error":{"type":"illegal_argument_exception","reason":"request [/_bulk] contains unrecognized parameter: [x]"}}""", "Pause")]
    [InlineData(400, "application/json", """{"error":{"type":"validation_exception","reason":"this action would add [1] total shards"}}""", "Pause")]
    [InlineData(400, "text/html", "<html><head><title>400 No required SSL certificate was sent</title></head>", "Pause")]
    [InlineData(401, "application/json", "{}", "Pause")]
    [InlineData(403, "application/json", "{}", "Pause")]
    [InlineData(404, "application/json", "{}", "Pause")]
    [InlineData(406, "application/json", "{}", "Pause")]
    [InlineData(408, "application/json", "{}", "Retry")]
    [InlineData(413, "text/html", "<html>", "Split")]
    [InlineData(429, "application/json", "{}", "Retry")]
    [InlineData(500, "application/json", "{}", "Retry")]
    [InlineData(501, "application/json", "{}", "Pause")]
    [InlineData(502, "text/html", "<html>", "Retry")]
    [InlineData(503, "application/json", "{}", "Retry")]
    [InlineData(504, "text/html", "", "Retry")]
    [InlineData(302, "text/html", "", "Pause")]
    public void A_whole_request(int status, string type, string body, string kind)
    {
        SinkAttempt attempt = Attempt(["create", "create"]);
        using HttpAnswer answer = Of(status, Encoding.UTF8.GetBytes(body), type);
        SinkVerdict verdict = BulkOutcome.Of(answer, attempt).Verdict;
        Assert.Equal((kind, status), (verdict.Kind.ToString(), verdict.Status));
        Assert.Contains(status.ToString(System.Globalization.CultureInfo.InvariantCulture), verdict.Detail + verdict.Status, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("opensearch", """{"name":"n","version":{"distribution":"opensearch","number":"2.19.3"},"tagline":"The OpenSearch Project: https://opensearch.org/"}""", "OpenSearch 2.19.3", true)]
    [InlineData("in disguise", """{"version":{"number":"7.10.2"},"tagline":"The OpenSearch Project: https://opensearch.org/"}""", "OpenSearch 7.10.2", true)]
    [InlineData("elasticsearch", """{"version":{"number":"8.19.5","build_flavor":"default"},"tagline":"You Know, for Search"}""", "Elasticsearch 8.19.5", true)]
    [InlineData("old", """{"version":{"number":"7.9.1"},"tagline":"You Know, for Search"}""", "Elasticsearch 7.9.1", false)]
    [InlineData("serverless", """{"version":{"build_flavor":"serverless"}}""", "Elasticsearch", true)]
    [InlineData("something else", """{"hello":"world"}""", null, false)]
    [InlineData("a page", "<html>", null, false)]
    public void A_server_is_known_by_what_it_says_of_itself(string what, string body, string? name, bool known)
    {
        ServerInfo? server = ServerInfo.Read(Encoding.UTF8.GetBytes(body));
        Assert.True(name == server?.ToString(), what);
        Assert.Equal(known, server?.IsKnown ?? false);
    }

    private static void Check(SinkAttempt attempt, int item, string fate, int status)
    {
        Assert.Equal(fate == "Pause" ? "Retry" : fate, attempt.Outcome(item).ToString());
        if (fate is "Retry" or "Pause" or "Rejected")
            Assert.Equal(status, attempt.RefusalOf(item).Status);
    }

    private static SinkAttempt Attempt(string[] actions)
    {
        var batch = new SinkBatch();
        foreach (string action in actions)
        {
            Ogrt.Journal.JournalRecord record = Frames.Record(1, [1, 2, 3]);
            batch.Cover(record);
            int begin = batch.Output.Length;
            batch.Output.Write(Encoding.ASCII.GetBytes("{\"" + action + "\":{}}"));
            batch.Add(record, 0, begin);
        }
        return new SinkAttempt(batch, null, 1);
    }

    private static string Item(string action, int status, string type, string reason)
    {
        string error = type.Length == 0 ? "" : $",\"error\":{{\"type\":\"{type}\",\"reason\":\"{reason}\"}}";
        string inner = status == 0 ? "\"x\":1" : $"\"status\":{status}{error}";
        return "{\"" + action + "\":{" + inner + "}}";
    }

    private static string Answer(string[] items) => $$"""{"took":1,"errors":true,"items":[{{string.Join(',', items)}}]}""";

    private static SinkVerdict Judge(SinkAttempt attempt, string body)
    {
        using HttpAnswer answer = Of(200, body);
        return BulkOutcome.Of(answer, attempt).Verdict;
    }

    private static HttpAnswer Of(int status, string body) => Of(status, Encoding.UTF8.GetBytes(body));

    private static HttpAnswer Of(int status, byte[] body, string type = "application/json")
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(body.Length + 1);
        body.CopyTo(buffer, 0);
        return HttpAnswer.Of(Server, status, default, type, buffer, body.Length, whole: true);
    }

    private static int StatusOf(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.EnumerateObject().FirstOrDefault().Value is { ValueKind: JsonValueKind.Object } result
            ? result.GetProperty("status").GetInt32()
            : 0;
}
