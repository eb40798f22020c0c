using System.Globalization;
using System.Net;
using Akka.Configuration;
using Microsoft.Extensions.Logging;

namespace Ogrt.Server.Configuration;

/// <summary>The blocks of the program itself: <c>ogrt.cluster</c>, <c>data-directory</c>, <c>http</c>, <c>control</c>, <c>shutdown</c>, <c>log</c>.</summary>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="DataDirectory">The folder of everything that is kept.</param>
/// <param name="HttpEnabled">Whether health and metrics are answered.</param>
/// <param name="HttpEndpoint">Where they are.</param>
/// <param name="ControlPath">The Unix socket of the commands.</param>
/// <param name="ControlGroup">The group whose members may use it too; null for none.</param>
/// <param name="ControlTimeout">How long a command waits for an answer.</param>
/// <param name="ShutdownTimeout">How long an orderly stop may take.</param>
/// <param name="UnreadyTime">How long a stop says that it is not ready before the listeners close.</param>
/// <param name="FlushTimeout">How long a stop waits for sinks to deliver what is there.</param>
/// <param name="LogLevel">The least serious kind of message that is written.</param>
public sealed record ServerSettings(
    string Cluster,
    string DataDirectory,
    bool HttpEnabled,
    IPEndPoint HttpEndpoint,
    string ControlPath,
    string? ControlGroup,
    TimeSpan ControlTimeout,
    TimeSpan ShutdownTimeout,
    TimeSpan UnreadyTime,
    TimeSpan FlushTimeout,
    LogLevel LogLevel)
{
    /// <summary>The bytes of a Unix socket's address, its closing NUL included: sun_path of unix(7).</summary>
    public const int MaxControlPath = 108;

    /// <summary>Reads the blocks.</summary>
    /// <exception cref="ConfigurationException">A value is impossible; the message names its path.</exception>
    public static ServerSettings Create(Config config)
    {
        string cluster = config.GetString("ogrt.cluster");
        if (cluster.Length is 0 or > 64 || cluster.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            throw new ConfigurationException("ogrt.cluster: a name of 1 to 64 letters, digits, hyphens, underscores and dots is needed.");
        string data = config.GetString("ogrt.data-directory");
        if (string.IsNullOrWhiteSpace(data)) throw new ConfigurationException("ogrt.data-directory: a folder is needed.");
        string level = config.GetString("ogrt.log.level");
        TimeSpan shutdown = config.GetTimeSpan("ogrt.shutdown.timeout", allowInfinite: false);
        if (shutdown < TimeSpan.FromSeconds(1)) throw new ConfigurationException("ogrt.shutdown.timeout: at least 1 s is needed.");
        TimeSpan unready = config.GetTimeSpan("ogrt.shutdown.unready-time", allowInfinite: false);
        if (unready >= shutdown) throw new ConfigurationException("ogrt.shutdown.unready-time: it must be shorter than ogrt.shutdown.timeout, which it is a part of.");
        TimeSpan control = config.GetTimeSpan("ogrt.control.timeout", allowInfinite: false);
        if (control < TimeSpan.FromMilliseconds(10)) throw new ConfigurationException("ogrt.control.timeout: at least 10 ms are needed.");
        return new ServerSettings(
            cluster,
            data,
            config.GetBoolean("ogrt.http.enabled"),
            Endpoint(config, "ogrt.http"),
            config.GetString("ogrt.control.path"),
            string.IsNullOrWhiteSpace(config.GetString("ogrt.control.group")) ? null : config.GetString("ogrt.control.group"),
            control,
            shutdown,
            unready,
            config.GetTimeSpan("ogrt.shutdown.flush-timeout", allowInfinite: false),
            level switch
            {
                "debug" => LogLevel.Debug,
                "info" => LogLevel.Information,
                "warning" => LogLevel.Warning,
                "error" => LogLevel.Error,
                _ => throw new ConfigurationException($"ogrt.log.level: \"{level}\" is not one of debug, info, warning, error."),
            });
    }

    private static IPEndPoint Endpoint(Config config, string block)
    {
        string address = config.GetString(block + ".address");
        if (!IPAddress.TryParse(address, out IPAddress? ip))
            throw new ConfigurationException($"{block}.address: \"{address}\" is not an IPv4 or IPv6 address.");
        string text = config.GetString(block + ".port");
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > 65535)
            throw new ConfigurationException($"{block}.port: {text} is not a port, 0 to 65535.");
        return new IPEndPoint(ip, port);
    }
}
