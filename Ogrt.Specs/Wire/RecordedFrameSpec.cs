using System.Buffers;
using System.Text;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Wire;

public class RecordedFrameSpec
{
    [Theory]
    [InlineData("mpi", "1938274", "node0421", 33, 5)]
    [InlineData("shell", "TESTJOB", "localhost.localdomain", 5, 0)]
    public void A_recorded_frame_is_routed_and_read(string name, string job, string host, int objects, int modules)
    {
        byte[] frame = name == "mpi" ? RecordedFrames.Mpi : RecordedFrames.Shell;

        Assert.Equal(WireError.None, FrameRouter.TryRoute(frame, WireLayout.Current, 262_144, out FrameRoute route));
        Assert.Equal(FrameType.ProcessInfo, route.Type);
        Assert.Equal(job, Encoding.UTF8.GetString(route.JobId.Of(frame)));
        Assert.Equal(host, Encoding.UTF8.GetString(route.Hostname.Of(frame)));

        Assert.Equal(WireError.None, ProcessInfoView.TryParse(frame.AsSpan(8), WireLayout.Current, out ProcessInfoView view));
        ProcessInfo expected = ProcessInfo.Parser.ParseFrom(frame, 8, frame.Length - 8);
        Assert.Equal(objects, view.SharedObjects.Count);
        Assert.Equal(modules, view.LoadedModules.Count);
        Assert.Equal(expected.Time * 1_000_000_000, route.TimeNs);
        int index = 0;
        foreach (SharedObjectView item in view.SharedObjects)
        {
            Assert.Equal(expected.SharedObjects[index].Path, Encoding.UTF8.GetString(item.Path));
            Assert.Equal(expected.SharedObjects[index++].Signature, Encoding.UTF8.GetString(item.Signature));
        }

        Assert.Equal(objects, index);
    }

    [Fact]
    public void A_recorded_frame_becomes_the_JSON_of_OGRT()
    {
        ProcessInfoView.TryParse(RecordedFrames.Shell.AsSpan(8), WireLayout.Current, out ProcessInfoView view);
        var json = new ArrayBufferWriter<byte>();
        ProcessJson.Write(json, view, default);
        Assert.Equal(
            """{"binpath":"/usr/bin/bash","cmdline":"/bin/bash ./job.sh","hostname":"localhost.localdomain","job_id":"TESTJOB","parent_pid":2983,"pid":3177,"shared_objects":[{"path":"/apps/ogrt/lib64/libogrt.so"},{"path":"/usr/lib64/libtinfo.so.5.9"},{"path":"/usr/lib64/libdl-2.17.so"},{"path":"/usr/lib64/libc-2.17.so"},{"path":"/usr/lib64/ld-2.17.so"}],"time":1456936066,"username":"jdoe"}""",
            Encoding.UTF8.GetString(json.WrittenSpan));
    }
}
