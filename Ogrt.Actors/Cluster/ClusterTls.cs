using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport.DotNetty;

namespace Ogrt.Actors.Cluster;

/// <summary>
/// TLS between nodes. Both sides show a certificate, and each checks the other's against the configured authorities and
/// nothing else: what the system trusts does not count. The authorities are read again when their file changes; this node's
/// own certificate is Akka's for as long as the process lives.
/// </summary>
public sealed class ClusterTls
{
    private const string Block = "ogrt.cluster-node.tls.";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly ClusterTlsSettings _settings;
    private readonly X509Certificate2Collection _intermediates;
    private readonly Lock _reading = new();
    private X509Certificate2Collection _authorities;
    private (DateTime Written, long Length) _stamp;

    private ClusterTls(ClusterTlsSettings settings, X509Certificate2 certificate, X509Certificate2Collection intermediates)
    {
        _settings = settings;
        Certificate = certificate;
        _intermediates = intermediates;
        _stamp = Stamp(settings.CaFile);
        _authorities = Read("ca-file", settings.CaFile);
    }

    /// <summary>This node's certificate, with its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Reads the files.</summary>
    /// <exception cref="ConfigurationException">One cannot be read or used; the message names its key.</exception>
    public static ClusterTls Load(ClusterTlsSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        X509Certificate2Collection chain = Read("certificate-file", settings.CertificateFile);
        string key = settings.KeyFile.Length > 0 ? settings.KeyFile : settings.CertificateFile;
        try
        {
            var tls = new ClusterTls(settings, X509Certificate2.CreateFromPemFile(settings.CertificateFile, key), chain);
            return tls.Fault(tls.Certificate, null, ServerAuthentication) is { } fault
                ? throw new ConfigurationException(
                    $"{Block}certificate-file: the other nodes would refuse this node's certificate, by {settings.CaFile}: {fault}.")
                : tls;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{Block}key-file: the key in {key} cannot be used for the certificate in {settings.CertificateFile}: {e.Message}", e);
        }
    }

    /// <summary>What Akka's transport is to use.</summary>
    public DotNettySslSetup Setup() => new(Certificate, suppressValidation: false, requireMutualAuthentication: true, customValidator: IsAccepted);

    /// <summary>Whether this node's certificate is for a host: what the others check who connect to it.</summary>
    public bool IsFor(string host) => !_settings.VerifyHost || Matches(Certificate, host);

    /// <summary>Checks the other side of a connection.</summary>
    /// <param name="certificate">What it shows.</param>
    /// <param name="chain">What it sends along.</param>
    /// <param name="peer">Its address in Akka's form when this node connects to it, else the socket's.</param>
    /// <param name="errors">What the system thinks of it; only whether there is a certificate counts.</param>
    /// <param name="log">Where a refusal is told.</param>
    public bool IsAccepted(X509Certificate2? certificate, X509Chain? chain, string peer, SslPolicyErrors errors, ILoggingAdapter log)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(log);
        // Akka names whom it connects to by an actor system's address, and who connects to it by a socket's.
        string? host = peer.StartsWith("akka", StringComparison.Ordinal) && Akka.Actor.Address.TryParse(peer, out Akka.Actor.Address address) ? address.Host : null;
        string? fault = certificate is null
            ? "it shows none"
            : Fault(certificate, chain, host is null ? ClientAuthentication : ServerAuthentication, log)
                ?? (host is not null && _settings.VerifyHost && !Matches(certificate, host)
                    ? $"it is for {Names(certificate)} and not for {host} (ogrt.cluster-node.tls.verify-host)" : null);
        if (fault is null)
            return true;
        log.Warning("The certificate of {Peer} ({Subject}) is refused: {Fault}", peer, certificate?.Subject ?? "none", fault);
        return false;
    }

    private string? Fault(X509Certificate2 certificate, X509Chain? sent, string usage, ILoggingAdapter? log = null)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities(log));
        chain.ChainPolicy.ExtraStore.AddRange(_intermediates);
        if (sent is not null)
            foreach (X509ChainElement element in sent.ChainElements)
                chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        // A private authority seldom publishes what it has revoked, and to ask is a request to somebody else.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
        if (!chain.Build(certificate))
            return string.Join("; ", chain.ChainStatus.Select(s => $"{s.Status} ({s.StatusInformation.Trim().TrimEnd('.')})").Distinct());
        if (_settings.PeerNames.Count > 0 && !_settings.PeerNames.Any(name => Matches(certificate, name)))
            return $"it is for {Names(certificate)}, and for none of {string.Join(", ", _settings.PeerNames)} (ogrt.cluster-node.tls.peer-names)";
        return null;
    }

    private X509Certificate2Collection Authorities(ILoggingAdapter? log)
    {
        lock (_reading)
        {
            (DateTime, long) stamp = Stamp(_settings.CaFile);
            if (stamp == _stamp)
                return _authorities;
            _stamp = stamp;
            try
            {
                _authorities = Read("ca-file", _settings.CaFile);
                log?.Info("The authorities in {File} were read again: {Count}", _settings.CaFile, _authorities.Count);
            }
            catch (ConfigurationException e)
            {
                // To go on with those known is better than to take the cluster apart because of a file that is half written.
                log?.Error("{Fault} The authorities from before hold on", e.Message);
            }
            return _authorities;
        }
    }

    private static X509Certificate2Collection Read(string key, string file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{Block}{key}: {file} cannot be read as PEM certificates: {e.Message}", e);
        }
        return certificates.Count > 0 ? certificates : throw new ConfigurationException($"{Block}{key}: {file} holds no PEM certificate.");
    }

    private static (DateTime, long) Stamp(string file)
    {
        var info = new FileInfo(file);
        return info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
    }

    private static bool Matches(X509Certificate2 certificate, string host)
    {
        string bare = host.Trim('[', ']');
        return certificate.MatchesHostname(bare, allowWildcards: true, allowCommonName: false);
    }

    private static string Names(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        string all = names is null ? "" : string.Join(", ", names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select((IPAddress a) => a.ToString())));
        return all.Length > 0 ? all : "no name";
    }
}
