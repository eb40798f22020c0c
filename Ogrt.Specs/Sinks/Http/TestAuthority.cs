using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ogrt.Specs.Sinks.Http;

/// <summary>A certificate authority for specs.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly RSA _key = RSA.Create(2048);
    private int _serial;

    public TestAuthority(string name)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>Issues a certificate for a name, which is also its host name or address.</summary>
    /// <param name="name">The name.</param>
    /// <param name="usage">The object identifier of what alone it may be used for; null for anything.</param>
    /// <param name="ends">When it ends; tomorrow by default.</param>
    public X509Certificate2 Issue(string name, string? usage = null, DateTimeOffset? ends = null)
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out IPAddress? address))
            names.AddIpAddress(address);
        else if (!name.Contains(' ', StringComparison.Ordinal))
            names.AddDnsName(name);
        else
            names.AddDnsName("client");
        request.CertificateExtensions.Add(names.Build());
        if (usage is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        using X509Certificate2 issued = request.Create(
            Certificate, DateTimeOffset.UtcNow.AddHours(-1), ends ?? DateTimeOffset.UtcNow.AddDays(1), BitConverter.GetBytes(++_serial + Environment.TickCount64));
        using X509Certificate2 withKey = issued.CopyWithPrivateKey(key);
        // SslStream wants a key that is not ephemeral on some systems; PKCS#12 there and back makes it one.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }
}
