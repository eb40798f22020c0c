using System.Net.Http.Json;
using System.Text.Json;
using Ogrt.Server.Configuration;
using Ogrt.Server.Hosting;
using Ogrt.Server.Metrics;
using Ogrt.Server.Overview;

namespace Ogrt.Server.Cli.Watch;

/// <summary>Asks the running server what it is doing, by its control socket.</summary>
internal sealed class ServerWatch(ServerSettings settings) : IDisposable
{
    // An answer larger than this is none of a server of ours.
    private const int MostBytes = 64 << 20;

    private ControlConnection? _connection;

    /// <summary>The overview.</summary>
    /// <exception cref="CliException">No server answers, or not to this user.</exception>
    public Task<OverviewView> OverviewAsync(int jobs, int nodes, CancellationToken cancel) =>
        GetAsync($"overview?jobs={jobs}&nodes={nodes}", async content => await content.ReadFromJsonAsync<OverviewView>(ControlJson.Options, cancel).ConfigureAwait(false), cancel);

    /// <summary>The tree of actors.</summary>
    /// <exception cref="CliException">As above.</exception>
    public Task<Actors.Watch.ActorNode> ActorsAsync(CancellationToken cancel) =>
        GetAsync("actors", async content => await content.ReadFromJsonAsync<Actors.Watch.ActorNode>(ControlJson.Options, cancel).ConfigureAwait(false), cancel);

    /// <summary>All metrics.</summary>
    /// <exception cref="CliException">As above.</exception>
    public Task<IReadOnlyList<MetricSample>> MetricsAsync(CancellationToken cancel) =>
        GetAsync("metrics", async content => PrometheusReader.Read(await content.ReadAsStringAsync(cancel).ConfigureAwait(false)), cancel);

    /// <inheritdoc/>
    public void Dispose() => _connection?.Dispose();

    private async Task<T> GetAsync<T>(string path, Func<HttpContent, Task<T?>> read, CancellationToken cancel)
        where T : class
    {
        _connection ??= Commands.SinksCommand.Connect(settings);
        try
        {
            using HttpResponseMessage answer = await _connection.SendAsync(HttpMethod.Get, path, cancel).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode) throw await ControlConnection.RefusalAsync(answer, cancel).ConfigureAwait(false);
            await answer.Content.LoadIntoBufferAsync(MostBytes, cancel).ConfigureAwait(false);
            return await read(answer.Content).ConfigureAwait(false)
                ?? throw new CliException(ExitCode.Software, "The server's answer is empty");
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new CliException(ExitCode.Unavailable, "The server's answer cannot be read", "Is it of another version than this program?", e);
        }
        catch (HttpRequestException e)
        {
            throw new CliException(ExitCode.Unavailable, "The server broke its answer off", "", e);
        }
    }
}
