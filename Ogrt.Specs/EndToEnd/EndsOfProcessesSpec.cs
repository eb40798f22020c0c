using System.Text.Json;
using Ogrt.Specs.Shim;

namespace Ogrt.Specs.EndToEnd;

/// <summary>What became of real processes, from the preload library to what the operator is shown.</summary>
[Collection(ShimCollection.Name)]
public sealed class EndsOfProcessesSpec(ShimFixture shim)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_tree_of_a_job_shows_exit_codes_and_what_was_used()
    {
        await using ServerProcess server = await ServerProcess.StartAsync([], Cancellation);
        string program = shim.Compile("""
            #include <stdlib.h>
            #include <string.h>
            #include <time.h>
            int main(void) {
                enum { SIZE = 24 << 20 };
                char *memory = malloc(SIZE);
                memset(memory, 1, SIZE);
                while (clock() < CLOCKS_PER_SEC / 20) memory[clock() % SIZE]++;
                return memory[0] ? 3 : 4;
            }
            """);
        (string, string)[] variables =
            [("LD_PRELOAD", shim.Library("--allow-server-env", "--send-end=yes")), ("OGRT_ACTIVE", "yes"), ("OGRT_SERVER", $"127.0.0.1:{server.Port}"), ("JOBID", "ENDS")];
        Assert.Equal(9, Command.Run("/bin/bash", ["--norc", "-c", $"/bin/true; {program}; exit 9"], variables).ExitCode);

        JsonElement tree = await server.UntilAsync(() => TreeAsync(server), t => Number(t, "failed_count") == 2, Cancellation);
        JsonElement shell = Assert.Single(tree.GetProperty("nodes").EnumerateArray());
        JsonElement[] children = [.. shell.GetProperty("children").EnumerateArray()];
        JsonElement failed = Assert.Single(children, child => Number(child, "exit_code") == 3);

        Assert.Equal((3, 0), (Number(tree, "process_count"), Number(tree, "live_count")));
        Assert.Equal(9, Number(shell, "exit_code"));
        Assert.Contains(children, child => Number(child, "exit_code") == 0);
        Assert.True(Number(failed, "user_time_us") + Number(failed, "system_time_us") >= 40_000);
        Assert.InRange(Number(failed, "max_rss_kib"), 24 << 10, 40 << 10);
        string text = await server.CommandAsync(["tree", "ENDS"], Cancellation);
        Assert.Contains("bash  exit 9", text, StringComparison.Ordinal);
        Assert.Contains("exit 3", text, StringComparison.Ordinal);
        Assert.Contains("2 failed", await server.CommandAsync(["job", "ENDS"], Cancellation), StringComparison.Ordinal);
    }

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static async Task<JsonElement> TreeAsync(ServerProcess server)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(await server.CommandAsync(["tree", "ENDS", "--json"], Cancellation));
            return document.RootElement.Clone();
        }
        catch (InvalidOperationException) // nobody knows the job yet
        {
            return JsonDocument.Parse("{\"failed_count\":0}").RootElement;
        }
    }
}
