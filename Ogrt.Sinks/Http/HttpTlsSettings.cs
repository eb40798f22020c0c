namespace Ogrt.Sinks.Http;

/// <summary>TLS to a target. Files are PEM, below the data directory unless their paths are absolute.</summary>
public sealed record HttpTlsSettings
{
    /// <summary>Certificates of the authorities that may have signed the server's; empty for those of the system.</summary>
    public required string CaFile { get; init; }

    /// <summary>The certificate that is shown to the server, with the ones between it and its authority; empty for none.</summary>
    public required string ClientCertificateFile { get; init; }

    /// <summary>Its key; empty when it stands in the file of the certificate.</summary>
    public required string ClientKeyFile { get; init; }

    /// <summary>Whether the server's certificate is checked. Off, anybody in between can read and change what is sent.</summary>
    public required bool Verify { get; init; }

    internal static HttpTlsSettings Create(SettingReader read)
    {
        var settings = new HttpTlsSettings
        {
            CaFile = read.OptionalText("tls.ca-file"),
            ClientCertificateFile = read.OptionalText("tls.client-certificate-file"),
            ClientKeyFile = read.OptionalText("tls.client-key-file"),
            Verify = read.Flag("tls.verify"),
        };
        return settings.ClientKeyFile.Length > 0 && settings.ClientCertificateFile.Length == 0
            ? throw read.Fail("tls.client-key-file", "is the key of no certificate: set tls.client-certificate-file")
            : settings;
    }
}
