using System.Text;
using Ogrt.Sinks.Http;

namespace Ogrt.Specs.Sinks.Http;

public sealed class HttpCredentialsSpec : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(HttpAuthentication.Basic, "geheim\n", "Basic YWxpY2U6Z2VoZWlt")]
    [InlineData(HttpAuthentication.ApiKey, "abc:def", "ApiKey YWJjOmRlZg==")]
    [InlineData(HttpAuthentication.ApiKey, "YWJjOmRlZg==\n", "ApiKey YWJjOmRlZg==")]
    [InlineData(HttpAuthentication.Bearer, " token ", "Bearer token")]
    [InlineData(HttpAuthentication.Splunk, "11-22\r\n", "Splunk 11-22")]
    public void Each_way_has_its_header(HttpAuthentication way, string secret, string header)
    {
        Assert.Equal(header, Credentials(way, secret).Header()!.ToString());
    }

    [Fact]
    public void Without_a_way_there_is_none() => Assert.Null(new HttpCredentials(HttpAuthentication.None, "", "").Header());

    [Fact]
    public void A_secret_is_read_again_when_its_file_changes()
    {
        HttpCredentials credentials = Credentials(HttpAuthentication.Bearer, "first");
        Assert.Equal("first", credentials.Header()!.Parameter);
        File.WriteAllText(_directory.File("secret.new"), "the second");
        File.Move(_directory.File("secret.new"), _directory.File("secret"), overwrite: true);
        Assert.Equal("the second", credentials.Header()!.Parameter);
    }

    [Fact]
    public void While_the_file_is_away_or_empty_the_old_secret_goes_on()
    {
        HttpCredentials credentials = Credentials(HttpAuthentication.Bearer, "first");
        credentials.Header();
        File.WriteAllText(_directory.File("secret"), "");
        Assert.Equal("first", credentials.Header()!.Parameter);
        File.Delete(_directory.File("secret"));
        Assert.Equal("first", credentials.Header()!.Parameter);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("one\ntwo")]
    public void A_file_without_one_secret_is_an_error_that_names_the_file_and_not_what_is_in_it(string? content)
    {
        HttpCredentials credentials = Credentials(HttpAuthentication.Bearer, content);
        var error = Assert.ThrowsAny<IOException>(() => credentials.Header());
        Assert.Contains(_directory.File("secret"), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("two", error.Message, StringComparison.Ordinal);
    }

    private HttpCredentials Credentials(HttpAuthentication way, string? secret)
    {
        string path = _directory.File("secret");
        if (secret is not null)
            File.WriteAllBytes(path, Encoding.UTF8.GetBytes(secret));
        return new HttpCredentials(way, "alice", path);
    }
}
