using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ogrt.Sinks.Http;

/// <summary>
/// The certificates of a target, read again when their files change: a connection that is made after that uses the new
/// ones.
/// </summary>
internal sealed class HttpTls(HttpTlsSettings settings, Func<string, string> pathOf)
{
    private readonly string _ca = Full(settings.CaFile, pathOf);
    private readonly string _certificate = Full(settings.ClientCertificateFile, pathOf);
    private readonly string _key = Full(settings.ClientKeyFile, pathOf);

    /// <summary>Tells whether the files are others than before.</summary>
    public (FileStamp Ca, FileStamp Certificate, FileStamp Key) Stamp => (FileStamp.Of(_ca), FileStamp.Of(_certificate), FileStamp.Of(_key));

    /// <summary>Reads the files.</summary>
    /// <exception cref="IOException">A file cannot be read or holds no certificate.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public SslClientAuthenticationOptions Options()
    {
        var options = new SslClientAuthenticationOptions();
        if (!settings.Verify)
        {
#pragma warning disable CA5359 // What an operator asks for by tls.verify = off.
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (_ca.Length > 0)
            options.CertificateChainPolicy = Trusting(Certificates(_ca));
        if (_certificate.Length > 0)
            options.ClientCertificateContext = ClientCertificate();
        return options;
    }

    // What the server sends between its certificate and the authority's is added by SslStream itself.
    private static X509ChainPolicy Trusting(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // A private authority seldom publishes what it has revoked, and to ask is a request to somebody else.
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private SslStreamCertificateContext ClientCertificate()
    {
        X509Certificate2Collection chain = Certificates(_certificate);
        try
        {
            X509Certificate2 own = X509Certificate2.CreateFromPemFile(_certificate, _key.Length > 0 ? _key : _certificate);
            // offline: whatever stands between the certificate and its authority is in the file.
            return SslStreamCertificateContext.Create(own, chain, offline: true);
        }
        catch (CryptographicException e)
        {
            throw new IOException($"The client certificate in {_certificate} cannot be used: {e.Message}", e);
        }
    }

    private static X509Certificate2Collection Certificates(string path)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (CryptographicException e)
        {
            throw new IOException($"{path} cannot be read as PEM certificates: {e.Message}", e);
        }
        return certificates.Count > 0 ? certificates : throw new IOException($"{path} holds no PEM certificate.");
    }

    private static string Full(string path, Func<string, string> pathOf) => path.Length == 0 ? "" : pathOf(path);
}
