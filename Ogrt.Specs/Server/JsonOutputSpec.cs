using System.Buffers;
using System.Text;
using CsCheck;
using Ogrt.Server.Cli;

namespace Ogrt.Specs.Server;

public class JsonOutputSpec
{
    private static string Pass(byte[] bytes, int[] cuts, bool interactive)
    {
        var text = new StringWriter { NewLine = "\n" };
        var output = new JsonOutput(new Terminal { Output = text, Error = TextWriter.Null, IsInteractive = interactive });
        int position = 0;
        foreach (int cut in cuts)
        {
            int length = Math.Min(cut, bytes.Length - position);
            output.Write(bytes.AsSpan(position, length));
            position += length;
        }
        output.Write(bytes.AsSpan(position));
        output.Complete();
        return text.ToString();
    }

    [Fact]
    public void Characters_that_are_cut_by_a_flush_arrive_whole() => Gen.Select(
        Gen.String[Gen.Char["aä€"], 0, 60_000], Gen.Int[1, 40_000].Array[0, 4]).Sample((text, cuts) =>
            Assert.Equal(text + "😀\n", Pass(Encoding.UTF8.GetBytes(text + "😀"), cuts, interactive: false)), iter: 100);

    [Fact]
    public void A_terminal_gets_escapes_for_what_it_would_act_on_and_a_pipe_the_document_as_it_is()
    {
        byte[] document = Encoding.UTF8.GetBytes("{\"a\":\"\u007f\u009b31m\u202eä\"}");
        Assert.Equal("{\"a\":\"\\u007f\\u009b31m\\u202eä\"}\n", Pass(document, [], interactive: true));
        Assert.Equal("{\"a\":\"\u007f\u009b31m\u202eä\"}\n", Pass(document, [], interactive: false));
    }
}
