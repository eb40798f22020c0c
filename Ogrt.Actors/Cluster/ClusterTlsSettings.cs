using Akka.Configuration;

namespace Ogrt.Actors.Cluster;

/// <summary>The block <c>ogrt.cluster-node.tls</c>.</summary>
public sealed record ClusterTlsSettings
{
    /// <summary>This node's certificate, and what stands between it and the authority, as PEM; empty for no TLS.</summary>
    public required string CertificateFile { get; init; }

    /// <summary>Its private key as PEM; empty when it is in the file of the certificate.</summary>
    public required string KeyFile { get; init; }

    /// <summary>The authorities whose certificates are accepted, as PEM.</summary>
    public required string CaFile { get; init; }

    /// <summary>Whether the certificate of a node that this one connects to must be for the host that it connects to.</summary>
    public required bool VerifyHost { get; init; }

    /// <summary>Names one of which the certificate of every node must have; none for any certificate of the authorities.</summary>
    public required IReadOnlyList<string> PeerNames { get; init; }

    /// <summary>Whether nodes talk over TLS.</summary>
    public bool IsOn => CertificateFile.Length > 0;

    internal static ClusterTlsSettings Create(Config node)
    {
        var settings = new ClusterTlsSettings
        {
            CertificateFile = node.GetString("tls.certificate-file", ""),
            KeyFile = node.GetString("tls.key-file", ""),
            CaFile = node.GetString("tls.ca-file", ""),
            VerifyHost = node.GetBoolean("tls.verify-host"),
            PeerNames = [.. node.GetStringList("tls.peer-names")],
        };
        if (settings.IsOn && settings.CaFile.Length == 0)
        {
            throw new ConfigurationException(
                "ogrt.cluster-node.tls.ca-file must be set with certificate-file: both sides of a connection show a certificate, and it says whose are accepted.");
        }
        if (!settings.IsOn && (settings.CaFile.Length > 0 || settings.KeyFile.Length > 0))
            throw new ConfigurationException("ogrt.cluster-node.tls.certificate-file must be set with ca-file and key-file: every node shows a certificate.");
        return settings;
    }
}
