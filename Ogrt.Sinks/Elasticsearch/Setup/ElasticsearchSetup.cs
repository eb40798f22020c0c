using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ogrt.Sinks.Http;

namespace Ogrt.Sinks.Elasticsearch.Setup;

/// <summary>
/// Prepares a server for a sink: index templates and a policy for old indices. It looks first, and writes only what is not
/// there or is another; doing it twice is doing it once. Never part of the delivery.
/// </summary>
public sealed class ElasticsearchSetup : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly ElasticsearchSettings _settings;
    private readonly SetupOptions _options;
    private readonly HttpTarget _target;

    /// <summary>Makes one for a sink.</summary>
    /// <param name="sink">The sink's settings.</param>
    /// <param name="context">What its relative paths begin with.</param>
    /// <param name="options">The operator's choices.</param>
    /// <exception cref="Akka.Configuration.ConfigurationException">A setting is wrong.</exception>
    public ElasticsearchSetup(SinkSettings sink, SinkContext context, SetupOptions options)
    {
        ArgumentNullException.ThrowIfNull(sink);
        ArgumentNullException.ThrowIfNull(context);
        _settings = ElasticsearchSettings.Create(sink);
        _options = options;
        _target = new HttpTarget(sink.Name, _settings.Http, context.PathOf, 2);
    }

    /// <summary>Asks the server what it is.</summary>
    /// <exception cref="SetupException">It does not answer, or is something else.</exception>
    public async Task<ServerInfo> IdentifyAsync(CancellationToken cancellationToken)
    {
        using HttpAnswer answer = await SendAsync(HttpMethod.Get, "/", null, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
            throw new SetupException(answer.Describe());
        return ServerInfo.Read(answer.Body.Span)
            ?? throw new SetupException($"{answer.Describe()}: that is neither Elasticsearch nor OpenSearch.");
    }

    /// <summary>Looks what there is and what there should be.</summary>
    /// <exception cref="SetupException">The server does not say.</exception>
    public async Task<IReadOnlyList<SetupStep>> PlanAsync(ServerInfo server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        SetupStep policy = server.IsOpenSearch
            ? await IsmAsync(cancellationToken).ConfigureAwait(false)
            : await IlmAsync(cancellationToken).ConfigureAwait(false);
        // A template with the name of a policy is refused by a server that has no policies.
        string? lifecycle = server.IsOpenSearch || policy.State == SetupState.Unsupported ? null : _settings.ProcessIndex;
        return
        [
            policy,
            await TemplateAsync("processes", _settings.ProcessIndex, IndexTemplates.Processes(_settings, _options, server, lifecycle), cancellationToken).ConfigureAwait(false),
            await TemplateAsync("jobs", _settings.JobIndex, IndexTemplates.Jobs(_settings, _options), cancellationToken).ConfigureAwait(false),
        ];
    }

    /// <summary>Does one step.</summary>
    /// <exception cref="SetupException">The server refuses it.</exception>
    public async Task ApplyAsync(SetupStep step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        using HttpAnswer answer = await SendAsync(HttpMethod.Put, step.WritePath, step.Body, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
            throw new SetupException($"{step.What}: {answer.Describe()}");
    }

    /// <inheritdoc/>
    public void Dispose() => _target.Dispose();

    private Task<SetupStep> IlmAsync(CancellationToken cancellationToken)
    {
        string name = _settings.ProcessIndex;
        return StepAsync(
            $"ILM policy {name}", "/_ilm/policy/" + name, LifecyclePolicies.Ilm(_settings, _options),
            there => there[name] is JsonObject found ? (found, "") : null, cancellationToken);
    }

    private Task<SetupStep> IsmAsync(CancellationToken cancellationToken)
    {
        string name = _settings.ProcessIndex;
        return StepAsync(
            $"ISM policy {name}", "/_plugins/_ism/policies/" + name, LifecyclePolicies.Ism(_settings, _options),
            // A policy is replaced only by somebody who knows which one it replaces.
            there => (there, $"?if_seq_no={there["_seq_no"]}&if_primary_term={there["_primary_term"]}"), cancellationToken);
    }

    private Task<SetupStep> TemplateAsync(string what, string name, JsonObject body, CancellationToken cancellationToken) => StepAsync(
        $"index template {name} ({what})", "/_index_template/" + name, body,
        there => there["index_templates"]?[0]?["index_template"] is JsonObject found ? (found, "") : null, cancellationToken);

    private async Task<SetupStep> StepAsync(
        string what, string path, JsonObject wanted, Func<JsonObject, (JsonObject There, string Query)?> find, CancellationToken cancellationToken)
    {
        using HttpAnswer answer = await SendAsync(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false);
        if (answer.Status == 404)
            return new SetupStep(what, path, wanted, SetupState.Missing, "");
        if (HasNoHandler(answer))
            return new SetupStep(what, path, wanted, SetupState.Unsupported, "this server has no such thing");
        if (!answer.IsSuccess)
            throw new SetupException($"{what}: {answer.Describe()}");
        JsonObject? there = Parse(answer);
        if (there is null || find(there) is not var (found, query))
            throw new SetupException($"{what}: {answer.Describe()}");
        return JsonSubset.FirstDifference(wanted, found) is { } difference
            ? new SetupStep(what, path, wanted, SetupState.Differs, difference) { WritePath = path + query }
            : new SetupStep(what, path, wanted, SetupState.Same, "");
    }

    private static bool HasNoHandler(HttpAnswer answer) => answer.Status is 400 or 405
        && BulkResponse.TryReadError(answer.Body.Span, out _, out string reason)
        && (reason.Contains("no handler found", StringComparison.Ordinal) || reason.Contains("Incorrect HTTP method", StringComparison.Ordinal));

    private static JsonObject? Parse(HttpAnswer answer)
    {
        try
        {
            return JsonNode.Parse(answer.Body.Span) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<HttpAnswer> SendAsync(HttpMethod method, string path, JsonObject? json, CancellationToken cancellationToken)
    {
        if (json is null)
            return await _target.SendAsync(new HttpCall(method, path), cancellationToken).ConfigureAwait(false);
        var body = new RequestBody();
        await using (body.ConfigureAwait(false))
        {
            body.Add(Encoding.UTF8.GetBytes(json.ToJsonString()));
            return await _target.SendAsync(new HttpCall(method, path) { Body = body, ContentType = Json }, cancellationToken).ConfigureAwait(false);
        }
    }
}
