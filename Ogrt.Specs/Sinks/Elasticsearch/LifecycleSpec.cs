using System.Net;
using System.Text.Json.Nodes;
using Akka.Event;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Ogrt.Sinks;
using Ogrt.Sinks.Elasticsearch;
using Ogrt.Sinks.Elasticsearch.Setup;

namespace Ogrt.Specs.Sinks.Elasticsearch;

/// <summary>Policies, on a server that keeps them as Elasticsearch's ILM and OpenSearch's ISM do.</summary>
public sealed class LifecycleSpec
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "dated")]
    [InlineData(false, "data-stream")]
    [InlineData(true, "dated")]
    [InlineData(true, "data-stream")]
    public async Task A_policy_is_installed_replaced_when_it_differs_and_named_by_the_template_where_that_is_the_way(bool openSearch, string target)
    {
        var kept = new Dictionary<string, JsonObject>();
        int written = 0;
        await using WebApplication server = await StartAsync(openSearch, kept, () => written++);
        using ElasticsearchSetup setup = Setup(server, target, new SetupOptions());
        ServerInfo info = await setup.IdentifyAsync(Cancellation);
        IReadOnlyList<SetupStep> steps = await setup.PlanAsync(info, Cancellation);
        Assert.All(steps, s => Assert.Equal(SetupState.Missing, s.State));
        Assert.Equal(0, written);
        foreach (SetupStep step in steps)
            await setup.ApplyAsync(step, Cancellation);
        Assert.Equal(3, written);
        Assert.All(await setup.PlanAsync(info, Cancellation), s => Assert.Equal((SetupState.Same, ""), (s.State, s.Detail)));

        JsonObject template = kept["/_index_template/ogrt-processes"];
        Assert.Equal(openSearch ? null : "ogrt-processes", template["template"]!["settings"]!["index"]!["lifecycle"]?["name"]?.GetValue<string>());
        Assert.Equal(target == "data-stream", template.ContainsKey("data_stream"));
        JsonObject policy = kept[openSearch ? "/_plugins/_ism/policies/ogrt-processes" : "/_ilm/policy/ogrt-processes"];
        Assert.Equal(target == "data-stream", policy.ToJsonString().Contains("rollover", StringComparison.Ordinal));
        Assert.Contains("400d", policy.ToJsonString(), StringComparison.Ordinal);

        using ElasticsearchSetup longer = Setup(server, target, new SetupOptions(KeepDays: 4000));
        SetupStep changed = Assert.Single(await longer.PlanAsync(info, Cancellation), s => s.IsToDo);
        Assert.Equal(SetupState.Differs, changed.State);
        await longer.ApplyAsync(changed, Cancellation);
        Assert.All(await longer.PlanAsync(info, Cancellation), s => Assert.Equal(SetupState.Same, s.State));
    }

    [Fact]
    public async Task A_server_that_refuses_says_so_in_its_words()
    {
        await using WebApplication server = await StartAsync(false, [], () => throw new BadHttpRequestException("no", 403));
        using ElasticsearchSetup setup = Setup(server, "dated", new SetupOptions());
        ServerInfo info = await setup.IdentifyAsync(Cancellation);
        SetupStep step = (await setup.PlanAsync(info, Cancellation))[0];
        var error = await Assert.ThrowsAsync<SetupException>(() => setup.ApplyAsync(step, Cancellation));
        Assert.Contains("403", error.Message, StringComparison.Ordinal);
    }

    private static ElasticsearchSetup Setup(WebApplication server, string target, SetupOptions options) => new(
        EsSinks.Settings($"process-target = {target}, endpoints = [\"{server.Urls.Single()}\"]"), new SinkContext("test", "/", NoLogger.Instance), options);

    private static async Task<WebApplication> StartAsync(bool openSearch, Dictionary<string, JsonObject> kept, Action written)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication server = builder.Build();
        string version = openSearch ? "{\"version\":{\"distribution\":\"opensearch\",\"number\":\"2.19.3\"}}" : "{\"version\":{\"number\":\"8.19.5\"}}";
        server.MapGet("/", () => Results.Text(version, "application/json"));
        server.MapGet("/{**path}", (string path) => kept.TryGetValue("/" + path, out JsonObject? found)
            ? Results.Text(Shown("/" + path, found).ToJsonString(), "application/json")
            : Results.Text("{\"error\":{\"type\":\"resource_not_found_exception\",\"reason\":\"not there\"}}", "application/json", statusCode: 404));
        server.MapPut("/{**path}", async (HttpContext context, string path) =>
        {
            JsonNode body = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;
            // A policy of ISM is replaced only by somebody who knows which one it replaces.
            if (path.Contains("_ism", StringComparison.Ordinal) && kept.ContainsKey("/" + path) && context.Request.QueryString.Value != "?if_seq_no=7&if_primary_term=1")
                return Results.StatusCode(409);
            written();
            kept["/" + path] = body.AsObject();
            return Results.Text("{\"acknowledged\":true}", "application/json");
        });
        await server.StartAsync(Cancellation);
        return server;
    }

    // As the servers show what they keep: with members of their own, and under names.
    private static JsonObject Shown(string path, JsonObject kept)
    {
        JsonObject copy = kept.DeepClone().AsObject();
        string name = path.Split('/')[^1];
        if (path.StartsWith("/_ilm", StringComparison.Ordinal))
            return new JsonObject { [name] = new JsonObject { ["version"] = 1, ["modified_date"] = "2026", ["policy"] = copy["policy"]!.DeepClone() } };
        if (path.StartsWith("/_plugins", StringComparison.Ordinal))
            return new JsonObject { ["_id"] = name, ["_seq_no"] = 7, ["_primary_term"] = 1, ["policy"] = copy["policy"]!.DeepClone() };
        copy["template"]!["settings"]!["index"]!["number_of_shards"] = "1";
        copy["composed_of"] = new JsonArray();
        return new JsonObject { ["index_templates"] = new JsonArray(new JsonObject { ["name"] = name, ["index_template"] = copy }) };
    }
}
