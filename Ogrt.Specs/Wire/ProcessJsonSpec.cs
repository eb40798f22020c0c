using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Ogrt.Wire;

namespace Ogrt.Specs.Wire;

public class ProcessJsonSpec
{
    private static readonly byte[] Everything =
    [
        .. WireGen.Bytes(300, "/usr/bin/bash"u8), .. WireGen.Varint(301, 3177), .. WireGen.Varint(302, 2983),
        .. WireGen.Varint(303, 1456936066), .. WireGen.Bytes(304, "sig"u8), .. WireGen.Bytes(305, "TESTJOB"u8),
        .. WireGen.Bytes(306, "georg.rath"u8), .. WireGen.Bytes(307, "localhost.localdomain"u8),
        .. WireGen.Bytes(308, "bash -c x"u8), .. WireGen.Bytes(309, "A=1"u8), .. WireGen.Bytes(309, ""u8),
        .. WireGen.Bytes(310, "bash"u8), .. WireGen.Bytes(310, "-c"u8),
        .. WireGen.Bytes(311, [.. WireGen.Bytes(400, "/tmp/libogrt.so"u8), .. WireGen.Bytes(401, "708e"u8), .. WireGen.Bytes(320, [0xab, 0x01])]),
        .. WireGen.Bytes(311, WireGen.Bytes(400, "/usr/lib64/libc-2.17.so"u8)), .. WireGen.Bytes(311, []),
        .. WireGen.Bytes(311, WireGen.Bytes(401, "only a signature"u8)),
        .. WireGen.Bytes(312, WireGen.Bytes(700, "gcc/4.6.2"u8)), .. WireGen.Bytes(312, []), .. WireGen.Bytes(313, "/"u8),
        .. WireGen.Varint(320, 11), .. WireGen.Varint(321, 10), .. WireGen.Varint(322, 1456936066999999999),
        .. WireGen.Varint(323, 1000), .. WireGen.Varint(324, 100), .. WireGen.Varint(325, 0), .. WireGen.Bytes(326, "0"u8),
        .. WireGen.Varint(327, 3), .. WireGen.Bytes(328, "SLURM_JOB_ID"u8), .. WireGen.Varint(329, 64768),
        .. WireGen.Varint(330, ulong.MaxValue), .. WireGen.Varint(331, 5), .. WireGen.Varint(332, unchecked((ulong)-1L)),
        .. WireGen.Bytes(333, [0x00, 0xff]), .. WireGen.Bytes(334, "bash"u8), .. WireGen.Varint(335, 17),
        .. WireGen.Bytes(336, "0.6.0"u8), .. WireGen.Varint(337, 2),
    ];

    private static readonly ProcessJsonOptions Milliseconds = new(JsonTimeUnit.Milliseconds);

    [Fact]
    public void Every_field_has_its_key_in_alphabetical_order()
    {
        string json = Json(Everything, default);
        Assert.Equal(
            """{"arguments":["bash","-c"],"binpath":"/usr/bin/bash","cmdline":"bash -c x","cwd":"/","effective_uid":0,"environment_variables":["A=1",""],"exec_path":"bash","executable_build_id":"00ff","executable_device":64768,"executable_inode":18446744073709551615,"executable_mtime_ns":-1,"executable_size":5,"failed_sends":2,"flags":17,"gid":100,"hostname":"localhost.localdomain","job_id":"TESTJOB","job_step":"0","loaded_modules":[{"name":"gcc/4.6.2"},{}],"parent_pid":2983,"parent_start_ticks":10,"pid":3177,"rank":3,"scheduler":"SLURM_JOB_ID","shared_objects":[{"build_id":"ab01","path":"/tmp/libogrt.so","signature":"708e"},{"path":"/usr/lib64/libc-2.17.so"},{},{"signature":"only a signature"}],"shim_version":"0.6.0","signature":"sig","start_ticks":11,"time":1456936066,"time_ns":1456936066999999999,"uid":1000,"username":"georg.rath"}""",
            json);
        string[] keys = [.. JsonDocument.Parse(json).RootElement.EnumerateObject().Select(p => p.Name)];
        Assert.Equal(keys.Order(StringComparer.Ordinal), keys);
    }

    [Fact]
    public void Elasticsearch_gets_milliseconds_as_exact_as_they_were_sent()
    {
        Assert.Contains("\"time\":1456936066999,\"time_ns\":1456936066999999999,", Json(Everything, Milliseconds), StringComparison.Ordinal);
        Assert.Equal("""{"time":1456936066000}""", Json(WireGen.Varint(303, 1456936066), Milliseconds));
        Assert.Equal("""{"time":9223372036854775807}""", Json(WireGen.Varint(303, long.MaxValue), Milliseconds));
    }

    [Fact]
    public void Nanoseconds_alone_give_the_time_too()
    {
        byte[] payload = WireGen.Varint(322, unchecked((ulong)-1L));
        Assert.Equal("""{"time":-1,"time_ns":-1}""", Json(payload, default));
        Assert.Equal("""{"time":-1,"time_ns":-1}""", Json(payload, Milliseconds));
    }

    [Fact]
    public void A_field_that_was_not_sent_has_no_key_and_an_empty_one_has()
    {
        Assert.Equal("""{"job_id":"","pid":0}""", Json([.. WireGen.Bytes(305, ""u8), .. WireGen.Varint(301, 0)], default));
        Assert.Equal("{}", Json(WireGen.Varint(1, 1), default));
    }

    [Fact]
    public void A_pid_that_was_sent_as_a_negative_number_stays_one() =>
        Assert.Equal("""{"pid":-1}""", Json(WireGen.Varint(301, ulong.MaxValue), default));

    public static TheoryData<byte[], string> Strings => new()
    {
        { "plain"u8.ToArray(), "plain" },
        { "a\"b\\c/d"u8.ToArray(), """a\"b\\c/d""" },
        { [0, 1, 8, 9, 10, 12, 13, 31, 127], "\\u0000\\u0001\\u0008\\t\\n\\u000c\\r\\u001f\u007f" },
        { "é€😀"u8.ToArray(), "é€😀" },
        { "\u2028\u2029"u8.ToArray(), "\\u2028\\u2029" },
        { "<&>"u8.ToArray(), "<&>" },
        { [0xff], "\uFFFD" },
        { [0x41, 0xc3, 0x28], "A\uFFFD(" },
        { [0xe2, 0x82], "\uFFFD\uFFFD" },
        { [0xc0, 0xaf], "\uFFFD\uFFFD" },
        { [0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80], "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD" },
        { [0xf4, 0x90, 0x80, 0x80], "\uFFFD\uFFFD\uFFFD\uFFFD" },
        { [0xf0, 0x9f, 0x98, 0x80, 0xf0, 0x9f], "😀\uFFFD\uFFFD" },
    };

    [Theory]
    [MemberData(nameof(Strings), DisableDiscoveryEnumeration = true)]
    public void Strings_are_escaped_as_little_as_JSON_allows(byte[] bytes, string expected) =>
        Assert.Equal($"{{\"cmdline\":\"{expected}\"}}", Json(WireGen.Bytes(308, bytes), default));

    [Fact]
    public void Strings_of_any_bytes_come_back_with_each_invalid_byte_replaced() => Gen.OneOf(
        Gen.Byte.Array[0, 80], Gen.Select(Gen.String, Gen.Byte.Array[0, 3], Gen.String, (a, b, c) =>
            (byte[])[.. Encoding.UTF8.GetBytes(a), .. b, .. Encoding.UTF8.GetBytes(c)])).Sample(bytes =>
    {
        string expected = Decode(bytes);
        byte[] payload =
        [
            .. WireGen.Bytes(308, bytes), .. WireGen.Bytes(309, bytes),
            .. WireGen.Bytes(311, [.. WireGen.Bytes(400, bytes), .. WireGen.Bytes(401, bytes)]),
            .. WireGen.Bytes(311, WireGen.Bytes(400, bytes)), .. WireGen.Bytes(312, WireGen.Bytes(700, bytes)),
        ];
        string json = Json(payload, default);
        Assert.DoesNotContain('\n', json);
        JsonElement root = JsonDocument.Parse(json).RootElement;
        Assert.Equal(expected, root.GetProperty("cmdline").GetString());
        Assert.Equal(expected, root.GetProperty("environment_variables")[0].GetString());
        Assert.Equal(expected, root.GetProperty("shared_objects")[0].GetProperty("path").GetString());
        Assert.Equal(expected, root.GetProperty("shared_objects")[0].GetProperty("signature").GetString());
        Assert.Equal(expected, root.GetProperty("shared_objects")[1].GetProperty("path").GetString());
        Assert.Equal(expected, root.GetProperty("loaded_modules")[0].GetProperty("name").GetString());
    }, iter: 1_000);

    [Fact]
    public void Any_payload_becomes_JSON_whether_cached_or_not_and_into_whatever_buffers()
    {
        var cache = new JsonFragmentCache(20_000);
        Gen.OneOf(WireGen.ProcessInfo, WireGen.ProcessInfoOfAnyBytes).Sample(payload =>
        {
            if (ProcessInfoView.TryParse(payload, WireLayout.Current, out _) != WireError.None) return;
            string json = Json(payload, default);
            JsonDocument.Parse(json);
            lock (cache)
            {
                Assert.Equal(json, Json(payload, new ProcessJsonOptions(JsonTimeUnit.Seconds, cache)));
                Assert.Equal(json, Json(payload, new ProcessJsonOptions(JsonTimeUnit.Seconds, cache)));
            }

            Assert.Equal(json, JsonIntoSmallBuffers(payload));
        }, iter: 3_000);
    }

    [Fact]
    public void Members_alone_leave_room_for_those_of_the_caller()
    {
        ProcessInfoView.TryParse(WireGen.Varint(301, 7), WireLayout.Current, out ProcessInfoView view);
        var json = new ArrayBufferWriter<byte>();
        Assert.True(ProcessJson.WriteMembers(json, view, default));
        Assert.Equal("\"pid\":7", Encoding.UTF8.GetString(json.WrittenSpan));
        ProcessInfoView.TryParse(WireGen.Varint(1, 7), WireLayout.Current, out ProcessInfoView nothing);
        Assert.False(ProcessJson.WriteMembers(json, nothing, default));
    }

    [Fact]
    public void The_end_of_a_process_has_its_keys_in_alphabetical_order()
    {
        byte[] payload =
        [
            .. WireGen.Varint(301, 7), .. WireGen.Bytes(305, "J"u8), .. WireGen.Bytes(307, "h"u8), .. WireGen.Varint(320, 11),
            .. WireGen.Varint(340, 1456936066999999999), .. WireGen.Varint(341, 1), .. WireGen.Varint(342, 9),
            .. Enumerable.Range(343, 9).SelectMany(f => WireGen.Varint((uint)f, (ulong)f)),
        ];
        Assert.Equal(WireError.None, ProcessEndView.TryParse(payload, WireLayout.Current, out ProcessEndView end));
        var json = new ArrayBufferWriter<byte>();
        ProcessEndJson.Write(json, end, Milliseconds);
        string text = Encoding.UTF8.GetString(json.WrittenSpan);
        Assert.Equal(
            """{"blocks_read":348,"blocks_written":349,"end_time":1456936066999,"end_time_ns":1456936066999999999,"exit_code":-1,"exit_signal":9,"hostname":"h","involuntary_switches":351,"job_id":"J","major_faults":347,"max_rss_kib":345,"minor_faults":346,"pid":7,"start_ticks":11,"system_time_us":344,"user_time_us":343,"voluntary_switches":350}""",
            text);
        string[] keys = [.. JsonDocument.Parse(text).RootElement.EnumerateObject().Select(p => p.Name)];
        Assert.Equal(keys.Order(StringComparer.Ordinal), keys);
    }

    [Fact]
    public void A_job_is_one_document_of_its_processes()
    {
        StoredFrame[] frames =
        [
            new(WireLayout.Current, WireGen.Frame(12, WireGen.Varint(301, 1))),
            new(WireLayout.Current, WireGen.Frame(16, WireGen.Varint(301, 1))),
            new(WireLayout.Current, WireGen.Frame(12, 0, 0)),
            new(WireLayout.Current, new byte[3]),
            new(WireLayout.V03, WireGen.Frame(12, WireGen.Bytes(308, "E=1"u8))),
        ];
        var json = new ArrayBufferWriter<byte>();
        Assert.Equal(2, JobJson.WriteDocument(json, "J\""u8, frames, default));
        Assert.Equal(
            """{"job_id":"J\"","processes":[{"pid":1},{"environment_variables":["E=1"]}]}""",
            Encoding.UTF8.GetString(json.WrittenSpan));
        json.Clear();
        Assert.Equal(0, JobJson.WriteDocument(json, ""u8, [], default));
        Assert.Equal("""{"job_id":"","processes":[]}""", Encoding.UTF8.GetString(json.WrittenSpan));
    }

    [Fact]
    public void Starts_and_ends_of_jobs_are_objects_of_their_own()
    {
        var json = new ArrayBufferWriter<byte>();
        JobStartView.TryParse([.. WireGen.Bytes(100, "J"u8), .. WireGen.Varint(101, 5)], WireLayout.Current, out JobStartView start);
        JobJson.WriteStart(json, start, Milliseconds);
        JobEndView.TryParse([.. WireGen.Bytes(200, "J"u8), .. WireGen.Varint(201, 5)], WireLayout.Current, out JobEndView end);
        JobJson.WriteEnd(json, end, default);
        Assert.Equal("""{"job_id":"J","start_time":5000}{"end_time":5,"job_id":"J"}""", Encoding.UTF8.GetString(json.WrittenSpan));
    }

    [Fact]
    public void Starts_and_ends_of_jobs_have_a_key_for_each_field_in_alphabetical_order()
    {
        byte[] description =
        [
            .. WireGen.Bytes(321, "ada"u8), .. WireGen.Varint(322, 1000), .. WireGen.Varint(323, 100), .. WireGen.Bytes(324, "physics"u8),
            .. WireGen.Bytes(325, "main"u8), .. WireGen.Bytes(326, "my \"job\""u8), .. WireGen.Bytes(327, "n[1-4]"u8), .. WireGen.Varint(328, 4),
            .. WireGen.Bytes(329, "c1"u8), .. WireGen.Bytes(330, "7"u8), .. WireGen.Varint(331, 3), .. WireGen.Varint(332, 4_000_000_000),
            .. WireGen.Bytes(333, "login1"u8), .. WireGen.Bytes(334, "slurm"u8), .. WireGen.Bytes(335, "0.6.0"u8), .. WireGen.Bytes(336, "n1"u8),
            .. WireGen.Varint(337, 1), .. WireGen.Varint(338, 8), .. WireGen.Varint(339, 2),
        ];
        var json = new ArrayBufferWriter<byte>();
        JobStartView.TryParse([.. WireGen.Bytes(100, "J"u8), .. WireGen.Varint(101, 5), .. WireGen.Varint(320, 5_999_999_999), .. description],
            WireLayout.Current, out JobStartView start);
        JobJson.WriteStart(json, start, Milliseconds);
        Assert.Equal(
            """{"account":"physics","array_job_id":"7","array_task_id":3,"cluster":"c1","cpu_count":8,"gid":100,"hostname":"n1","job_id":"J","job_name":"my \"job\"","node_count":4,"nodes":"n[1-4]","partition":"main","restarts":1,"scheduler":"slurm","sender_version":"0.6.0","start_time":5999,"start_time_ns":5999999999,"submit_host":"login1","submit_time_ns":4000000000,"task_count":2,"uid":1000,"username":"ada"}""",
            Encoding.UTF8.GetString(json.WrittenSpan));
        AssertOrdered(json);

        json.Clear();
        JobEndView.TryParse(
            [.. WireGen.Bytes(200, "J"u8), .. WireGen.Varint(320, 9_999_999_999), .. description, .. WireGen.Varint(340, 6), .. WireGen.Varint(341, 15),
             .. WireGen.Bytes(342, "TIMEOUT"u8), .. WireGen.Varint(343, 2), .. WireGen.Varint(344, 5_000_000_000)],
            WireLayout.Current, out JobEndView end);
        JobJson.WriteEnd(json, end, default);
        Assert.Contains(""","cpu_count":8,"derived_exit_code":1,"end_time":9,"end_time_ns":9999999999,"exit_code":3,"exit_signal":15,"gid":100,""", Encoding.UTF8.GetString(json.WrittenSpan), StringComparison.Ordinal);
        Assert.Contains(""","start_time_ns":5000000000,"state":"TIMEOUT","submit_host":"login1",""", Encoding.UTF8.GetString(json.WrittenSpan), StringComparison.Ordinal);
        AssertOrdered(json);
    }

    private static void AssertOrdered(ArrayBufferWriter<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json.WrittenMemory);
        string[] keys = [.. document.RootElement.EnumerateObject().Select(p => p.Name)];
        Assert.Equal(keys.Order(StringComparer.Ordinal), keys);
    }

    private static string Json(byte[] payload, ProcessJsonOptions options)
    {
        Assert.Equal(WireError.None, ProcessInfoView.TryParse(payload, WireLayout.Current, out ProcessInfoView view));
        var json = new ArrayBufferWriter<byte>();
        ProcessJson.Write(json, view, options);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private static string JsonIntoSmallBuffers(byte[] payload)
    {
        ProcessInfoView.TryParse(payload, WireLayout.Current, out ProcessInfoView view);
        var json = new ExactBufferWriter();
        ProcessJson.Write(json, view, default);
        return Encoding.UTF8.GetString([.. json.Written]);
    }

    // UTF-8 by the strict decoder of the BCL: what it does not take, byte by byte, is U+FFFD.
    private static string Decode(byte[] bytes)
    {
        var strict = new UTF8Encoding(false, true);
        var text = new StringBuilder();
        for (int i = 0; i < bytes.Length;)
        {
            int length = Enumerable.Range(1, Math.Min(4, bytes.Length - i)).FirstOrDefault(n => IsOneRune(bytes.AsSpan(i, n)));
            text.Append(length == 0 ? "\uFFFD" : strict.GetString(bytes, i, length));
            i += Math.Max(length, 1);
        }

        return text.ToString();

        bool IsOneRune(ReadOnlySpan<byte> candidate)
        {
            try
            {
                return strict.GetString(candidate).EnumerateRunes().Count() == 1;
            }
            catch (DecoderFallbackException)
            {
                return false;
            }
        }
    }

    // Gives exactly the room that is asked for, so that whoever writes more than it asked for fails.
    private sealed class ExactBufferWriter : IBufferWriter<byte>
    {
        private byte[] _buffer = [];

        public List<byte> Written { get; } = [];

        public void Advance(int count) => Written.AddRange(_buffer.AsSpan(0, count));

        public Memory<byte> GetMemory(int sizeHint = 0) => _buffer = new byte[Math.Max(sizeHint, 1)];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
