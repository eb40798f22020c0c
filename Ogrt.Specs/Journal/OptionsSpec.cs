using System.Net;
using System.Net.Sockets;
using System.Text;
using Akka.Configuration;
using Ogrt.Journal;

namespace Ogrt.Specs.Journal;

public sealed class OptionsSpec
{
    [Fact]
    public void The_reference_configuration_says_the_defaults()
    {
        using var stream = typeof(JournalOptions).Assembly.GetManifestResourceStream("Ogrt.Journal.reference.conf")!;
        using var text = new StreamReader(stream);
        Config config = ConfigurationFactory.ParseString("ogrt.data-directory = here\n" + text.ReadToEnd()).GetConfig("ogrt.journal");
        var defaults = new JournalOptions { Directory = "here/journal" };
        Assert.Equal(defaults.Directory, config.GetString("directory"));
        Assert.Equal(defaults.SegmentSize, config.GetByteSize("segment-size"));
        Assert.Equal(defaults.MaxSize, config.GetByteSize("max-size"));
        Assert.Equal(defaults.MaxRecordSize, config.GetByteSize("max-record-size"));
        Assert.Equal(defaults.ReadBufferSize, config.GetByteSize("read-buffer-size"));
        Assert.Equal(defaults.TailMemory, config.GetByteSize("tail-memory"));
        Assert.Equal(defaults.Sync, Enum.Parse<SyncPolicy>(config.GetString("sync"), ignoreCase: true));
        Assert.Equal(defaults.SyncInterval, config.GetTimeSpan("sync-interval"));
        Assert.Equal(defaults.RetryInterval, config.GetTimeSpan("retry-interval"));
        Assert.Equal(defaults.Preallocate, config.GetBoolean("preallocate"));
        defaults.Validate();
    }

    [Fact]
    public void An_impossible_option_is_refused_with_its_name_and_the_rule()
    {
        Assert.Contains("SegmentSize", Refusal(new JournalOptions { Directory = "d", SegmentSize = 100 }), StringComparison.Ordinal);
        Assert.Contains("twice SegmentSize", Refusal(new JournalOptions { Directory = "d", SegmentSize = 1 << 20, MaxSize = 1 << 20 }), StringComparison.Ordinal);
        Assert.Contains("MaxRecordSize", Refusal(new JournalOptions { Directory = "d", MaxRecordSize = 0 }), StringComparison.Ordinal);
        Assert.Contains("SyncInterval", Refusal(new JournalOptions { Directory = "d", SyncInterval = TimeSpan.Zero }), StringComparison.Ordinal);
        Assert.Contains("RetryInterval", Refusal(new JournalOptions { Directory = "d", RetryInterval = TimeSpan.Zero }), StringComparison.Ordinal);
        Assert.Contains("ReadBufferSize", Refusal(new JournalOptions { Directory = "d", ReadBufferSize = 1 }), StringComparison.Ordinal);
        Assert.Contains("TailMemory", Refusal(new JournalOptions { Directory = "d", TailMemory = 1 << 19 }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_that_is_too_large_is_refused_when_it_is_added_and_the_batch_stays_as_it_was()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = SegmentedJournal.Open(temp.Options(maxRecordSize: 1000));
        using JournalReader reader = journal.OpenReader("r");
        JournalBatch batch = journal.CreateBatch();
        batch.Add(1, 1, default, new byte[1000]);
        ArgumentException refused = Assert.Throws<ArgumentException>(() => batch.Add(1, 1, default, new byte[1001]));
        Assert.Contains("1001", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => batch.Add(0, 1, default, []));
        journal.Append(batch, CancellationToken.None);
        Assert.True(reader.TryRead(out JournalRecord record));
        Assert.Equal(1000, record.Payload.Length);
        Assert.False(reader.TryRead(out _));

        var other = new JournalBatch();
        other.Add(1, 1, default, new byte[1001]);
        Assert.Throws<ArgumentException>(() => journal.Append(other, CancellationToken.None));
    }

    [Fact]
    public void A_readers_name_is_checked_and_belongs_to_one_reader()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open();
        foreach (var name in new[] { "", "a b", "a/b", "a\n", new string('a', 65) })
            Assert.Throws<ArgumentException>(() => journal.OpenReader(name));
        JournalReader reader = journal.OpenReader("es-1.main_A");
        Assert.Throws<InvalidOperationException>(() => journal.OpenReader("es-1.main_A"));
        reader.Dispose();
        journal.OpenReader("es-1.main_A").Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.TryRead(out _));
    }

    [Fact]
    public void A_commit_behind_the_newest_record_is_refused_and_one_before_the_cursor_is_ignored()
    {
        using var temp = new TempJournal();
        using SegmentedJournal journal = temp.Open();
        using JournalReader reader = journal.OpenReader("r");
        journal.Append(TempJournal.Batch(1, 2), CancellationToken.None);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Commit(journal.TailOffset + 1));
        reader.Commit(journal.TailOffset);
        reader.Commit(journal.HeadOffset);
        Assert.Equal(journal.TailOffset, reader.Committed);
        Assert.Equal(0, reader.LagBytes);
        Assert.Equal(0, reader.LagRecords);
    }

    [Fact]
    public void A_sender_is_the_same_from_an_end_point_and_from_a_socket_address()
    {
        foreach (var text in new[] { "10.1.2.3:4000", "[2001:db8::1]:65535", "[::1]:1", "255.255.255.255:0" })
        {
            IPEndPoint endPoint = IPEndPoint.Parse(text);
            var sender = JournalSender.FromEndPoint(endPoint);
            Assert.Equal(sender, JournalSender.FromSocketAddress(endPoint.Serialize()));
            Assert.Equal(text, sender.ToString());
            Assert.Equal(endPoint.Address, sender.Address);
            Assert.Equal(endPoint.Port, sender.Port);
        }

        Assert.Equal(JournalSender.FromEndPoint(IPEndPoint.Parse("10.1.2.3:4")), JournalSender.FromEndPoint(new IPEndPoint(IPAddress.Parse("::ffff:10.1.2.3"), 4)));
        Assert.True(JournalSender.FromSocketAddress(new UnixDomainSocketEndPoint("x").Serialize()).IsNone);
        Assert.True(JournalSender.FromEndPoint(null).IsNone);
        Assert.Equal("-", default(JournalSender).ToString());
    }

    /// <summary>RFC 3720, appendix B.4: the test vectors of CRC32C.</summary>
    [Fact]
    public void The_checksum_is_crc32c()
    {
        Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Compute([.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, Crc32C.Compute([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0xE3069283u, Crc32C.Compute(Encoding.ASCII.GetBytes("123456789")));
    }

    [Fact]
    public void The_checksum_is_the_same_however_much_of_it_runs_side_by_side()
    {
        var random = new Random(5);
        for (var length = 0; length < 3000; length += random.Next(1, 40))
        {
            var data = new byte[length];
            random.NextBytes(data);
            Assert.Equal(BitByBit(data), Crc32C.Compute(data));
        }
    }

    private static uint BitByBit(byte[] data)
    {
        var crc = 0xFFFF_FFFFu;
        foreach (var one in data)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F6_3B78u : crc >> 1;
        }

        return ~crc;
    }

    private static string Refusal(JournalOptions options) => Assert.Throws<ArgumentException>(options.Validate).Message;
}
