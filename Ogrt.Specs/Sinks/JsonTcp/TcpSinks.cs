using System.Text.Json;
using Ogrt.Sinks;

namespace Ogrt.Specs.Sinks.JsonTcp;

/// <summary>Servers whose one sink, "tcp", is of this type, and what came of their records.</summary>
internal static class TcpSinks
{
    private const string Quick =
        """
        enabled = on, batch-linger = 5 ms, backoff-min = 1 ms, backoff-max = 20 ms, backoff-paused = 20 ms, settle-time = 20 ms
        circuit.min = 1 ms, circuit.max = 20 ms, connect-timeout = 5 s
        """;

    public static SinkServer Server(string endpoints, string settings = "") => new(
        $"ogrt.sinks {{ local.enabled = off, tcp {{ type = json-tcp, {Quick}\n endpoints = [{string.Join(',', endpoints.Split(' ').Select(e => $"\"{e}\""))}]\n{settings} }} }}");

    public static SinkServer Server(LineServer server, string settings = "") => Server($"127.0.0.1:{server.Port}", settings);

    /// <summary>The numbers of the processes that an end got, each once.</summary>
    public static List<int> Numbers(params LineServer[] servers) =>
        [.. servers.SelectMany(s => s.Lines).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("pid").GetInt32() - 1000).Distinct().Order()];

    public static SinkState State(this SinkServer server) => server.Sink("tcp").State;

    public static Task UntilAsync(this SinkServer server, Func<SinkState, bool> holds) =>
        SinkServer.UntilAsync(() => holds(server.State()), () => server.State().ToString());

    public static void AppendProcesses(this SinkServer server, int from, int count) =>
        server.Append(Enumerable.Range(from, count).Select(n => Frames.Process(n)));
}
