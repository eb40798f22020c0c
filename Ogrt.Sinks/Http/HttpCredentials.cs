using System.Net.Http.Headers;
using System.Text;

namespace Ogrt.Sinks.Http;

/// <summary>
/// The Authorization header of a target. The secret comes from a file and is read again when the file changes, so that it
/// can be replaced while the server runs. It is never part of a message.
/// </summary>
internal sealed class HttpCredentials(HttpAuthentication authentication, string username, string path)
{
    // A secret is a line; a file of megabytes is a wrong path.
    private const long MaxFileBytes = 64 * 1024;

    private readonly Lock _lock = new();
    private AuthenticationHeaderValue? _header;
    private FileStamp _stamp;

    /// <summary>The header to send now; null where none is.</summary>
    /// <exception cref="IOException">The secret cannot be read, or is empty. While it could be read before, that one goes on.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public AuthenticationHeaderValue? Header()
    {
        if (authentication == HttpAuthentication.None)
            return null;
        lock (_lock)
        {
            FileStamp now = FileStamp.Of(path);
            if (_header is not null && (now == _stamp || now == default))
                return _header;
            try
            {
                _header = Read();
                _stamp = now;
            }
            catch (Exception e) when (_header is not null && e is IOException or UnauthorizedAccessException)
            {
                // Somebody is writing the file just now; the server says so when the old secret is not good any more.
            }
            return _header;
        }
    }

    private AuthenticationHeaderValue Read()
    {
        var file = new FileInfo(path);
        if (file.Exists && file.Length > MaxFileBytes)
            throw new IOException($"{path} is too long for a secret.");
        string secret = File.ReadAllText(path).Trim();
        if (secret.Length == 0)
            throw new IOException($"{path} is empty: the first line is to be the secret.");
        if (secret.AsSpan().ContainsAny('\n', '\r'))
            throw new IOException($"{path} has several lines: a secret is one.");
        return authentication switch
        {
            HttpAuthentication.Basic => new AuthenticationHeaderValue("Basic", Base64($"{username}:{secret}")),
            // An encoded key has no colon: ':' is not in base64's alphabet.
            HttpAuthentication.ApiKey => new AuthenticationHeaderValue("ApiKey", secret.Contains(':', StringComparison.Ordinal) ? Base64(secret) : secret),
            HttpAuthentication.Splunk => new AuthenticationHeaderValue("Splunk", secret),
            _ => new AuthenticationHeaderValue("Bearer", secret),
        };
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
