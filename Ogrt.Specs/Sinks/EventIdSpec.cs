using System.Text;
using CsCheck;
using Google.Protobuf;
using Ogrt.Sinks;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Sinks;

public sealed class EventIdSpec
{
    private static readonly ClusterSeed Cluster = new("test");

    [Fact]
    public void An_id_is_the_same_on_every_node_and_for_ever()
    {
        // Stored in targets: should this change, a delivery after an update would duplicate what was there.
        Assert.Equal(GoldenProcess, Text(IdOf(Frames.Process(1))));
        Assert.Equal(GoldenJob, Text(EventId.OfJob(Cluster, "JOB"u8, 1)));
    }

    [Fact]
    public void The_text_of_an_id_is_its_32_digits() => Gen.Select(Gen.ULong, Gen.ULong).Sample((high, low) =>
    {
        var id = new UInt128(high, low);
        byte[] text = new byte[EventId.TextLength];
        EventId.Write(id, text);
        Assert.Equal(id.ToString("x32", System.Globalization.CultureInfo.InvariantCulture), Encoding.ASCII.GetString(text));
    });

    private const string GoldenProcess = "6553f101ad758d26b784b7751e2b8683";
    private const string GoldenJob = "000000001deca77348a9d1e3b32e62e7";

    [Fact]
    public void An_end_that_names_its_image_has_the_images_id()
    {
        ProcessInfo process = Frames.Process(1);
        ProcessEnd end = Frames.EndOf(process);
        Assert.False(TryOfEndedImage(end, out _));
        end.ImageTimeNs = process.TimeNs;
        Assert.True(TryOfEndedImage(end, out UInt128 id));
        Assert.Equal(IdOf(process), id);
        end.ImageTimeNs++;
        Assert.True(TryOfEndedImage(end, out id));
        Assert.NotEqual(IdOf(process), id);
    }

    private static bool TryOfEndedImage(ProcessEnd end, out UInt128 id)
    {
        Assert.Equal(WireError.None, ProcessEndView.TryParse(end.ToByteArray(), WireLayout.Current, out ProcessEndView view));
        return EventId.TryOfEndedImage(Cluster, view, out id);
    }

    [Fact]
    public void What_tells_two_images_apart_tells_their_ids_apart()
    {
        Action<ProcessInfo>[] changes =
        [
            p => p.Pid++, p => p.StartTicks++, p => p.TimeNs++, p => p.Hostname = "other", p => { p.Hostname = "node"; p.Pid = 11; },
        ];
        var ids = new HashSet<UInt128> { IdOf(Frames.Process(1)), EventId.OfJob(Cluster, "JOB"u8, 1), EventId.OfJob(Cluster, "JOB"u8, 2) };
        foreach (Action<ProcessInfo> change in changes)
        {
            ProcessInfo process = Frames.Process(1);
            change(process);
            Assert.True(ids.Add(IdOf(process)));
        }
        ProcessInfo same = Frames.Process(1);
        byte[] payload = same.ToByteArray();
        ProcessInfoView.TryParse(payload, WireLayout.Current, out ProcessInfoView view);
        Assert.True(ids.Add(EventId.OfProcess(new ClusterSeed("other"), view, payload)));
    }

    [Fact]
    public void Records_of_clients_without_an_identity_are_told_apart_by_all_of_their_bytes()
    {
        ProcessInfo old = Frames.Process(1);
        old.ClearStartTicks();
        old.ClearTimeNs();
        ProcessInfo other = old.Clone();
        other.Cmdline += " ";
        Assert.NotEqual(IdOf(old), IdOf(other));
        Assert.Equal(IdOf(old), IdOf(old.Clone()));
    }

    [Fact]
    public void Ids_are_in_the_order_of_time_as_text_and_as_bytes()
    {
        Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 1000]).Sample((a, b) =>
        {
            if (a == b)
                return;
            UInt128 first = IdOf(Frames.Process(Math.Min(a, b))), second = IdOf(Frames.Process(Math.Max(a, b)));
            Assert.True(string.CompareOrdinal(Text(first), Text(second)) < 0);
            byte[] x = new byte[16], y = new byte[16];
            EventId.WriteBytes(first, x);
            EventId.WriteBytes(second, y);
            Assert.True(x.AsSpan().SequenceCompareTo(y) < 0);
        });
    }

    private static UInt128 IdOf(ProcessInfo process)
    {
        byte[] payload = process.ToByteArray();
        Assert.Equal(WireError.None, ProcessInfoView.TryParse(payload, WireLayout.Current, out ProcessInfoView view));
        return EventId.OfProcess(Cluster, view, payload);
    }

    private static string Text(UInt128 id)
    {
        byte[] text = new byte[EventId.TextLength];
        EventId.Write(id, text);
        return Encoding.ASCII.GetString(text);
    }
}
