using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Ogrt.Sinks.Http;

namespace Ogrt.Sinks.JsonTcp;

/// <summary>Makes connections to one end: looks its name up anew each time and tries all its addresses.</summary>
internal sealed class TcpConnector(HostPort endpoint, JsonTcpSettings settings, HttpTls? tls, TimeProvider time)
{
    // With TLS 1.3 a client has ended its handshake before the server has looked at its certificate, or noticed that there is
    // none. A server that does not like it says so a moment later, when lines may be on their way that its system acknowledges
    // and nobody reads. So nothing is sent for this long; it costs each connection once.
    private static readonly TimeSpan RefusalTime = TimeSpan.FromMilliseconds(500);

    private SslClientAuthenticationOptions? _options;
    private (FileStamp, FileStamp, FileStamp) _stamp;

    /// <summary>Makes a connection. Used by one caller at a time.</summary>
    /// <exception cref="TcpFailure">There is none to be had.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<TcpConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        SslClientAuthenticationOptions? options = TlsOptions();
        IPAddress[] addresses = await ResolveAsync(cancellationToken).ConfigureAwait(false);
        for (int n = 0; ; n++)
        {
            try
            {
                return await ConnectAsync(addresses[n], options, cancellationToken).ConfigureAwait(false);
            }
            catch (TcpFailure) when (n < addresses.Length - 1)
            {
                // The next address may do.
            }
        }
    }

    private async Task<IPAddress[]> ResolveAsync(CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(endpoint.Host, out IPAddress? address))
            return [address];
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(settings.ConnectTimeout);
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(endpoint.Host, timeout.Token).ConfigureAwait(false);
            return addresses.Length > 0 ? addresses : throw TcpFailure.Retry("name_not_resolved", $"{endpoint.Host} has no address");
        }
        catch (SocketException e)
        {
            throw TcpFailure.Retry("name_not_resolved", $"{endpoint.Host}: {e.Message}", e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TcpFailure.Retry("name_not_resolved", $"{endpoint.Host}: no answer within {settings.ConnectTimeout}");
        }
    }

    private async Task<TcpConnection> ConnectAsync(IPAddress address, SslClientAuthenticationOptions? options, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(settings.ConnectTimeout);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        TcpConnection? connection = null;
        try
        {
            TcpOptions.Configure(socket, settings.Keepalive, settings.StallTimeout);
            await socket.ConnectAsync(new IPEndPoint(address, endpoint.Port), timeout.Token).ConfigureAwait(false);
            var wire = new WireStream(socket);
            if (options is null)
                return connection = new TcpConnection(socket, wire, wire, time);
            return connection = await SecureAsync(socket, wire, options, timeout.Token).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw TcpFailure.Retry("connect_failed", $"{address}: {e.Message}", e);
        }
        catch (AuthenticationException e)
        {
            throw TcpFailure.Pause("tls_failed", Words(e), e);
        }
        catch (IOException e)
        {
            // In the middle of the handshake: a server that is going down, or one that speaks no TLS.
            throw TcpFailure.Retry("tls_failed", $"{address}: no TLS handshake: {Words(e)}", e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TcpFailure.Retry("connect_timeout", $"{address}: no connection within {settings.ConnectTimeout}");
        }
        finally
        {
            if (connection is null)
                socket.Dispose();
        }
    }

    private async Task<TcpConnection> SecureAsync(Socket socket, WireStream wire, SslClientAuthenticationOptions options, CancellationToken cancellationToken)
    {
        var stream = new SslStream(wire);
        TcpConnection? connection = null;
        try
        {
            await stream.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            // Its reader is what hears a refusal.
            connection = new TcpConnection(socket, wire, stream, time);
#pragma warning disable CA5398 // Asked for, not chosen.
            if (stream.SslProtocol != SslProtocols.Tls13)
                return connection;
#pragma warning restore CA5398
            try
            {
                await connection.Over.WaitAsync(RefusalTime, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return connection;
            }
            throw connection.Fault switch
            {
                null => TcpFailure.Retry("tls_failed", "closed right behind the TLS handshake, as by one that wants a client certificate, or another one" + connection.Said),
                { } fault when fault is SocketException || fault.InnerException is SocketException => TcpFailure.Retry("tls_failed", "broken off right behind the TLS handshake: " + Words(fault)),
                { } fault => TcpFailure.Pause("tls_failed", Words(fault), fault),
            };
        }
        catch
        {
            if (connection is not null)
                await connection.DisposeAsync().ConfigureAwait(false);
            else
                await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What TLS needs, read again when a file has changed. While one is half written, what was read last goes on.</summary>
    private SslClientAuthenticationOptions? TlsOptions()
    {
        if (tls is null)
            return null;
        (FileStamp, FileStamp, FileStamp) stamp = tls.Stamp;
        if (_options is not null && stamp == _stamp)
            return _options;
        try
        {
            SslClientAuthenticationOptions options = tls.Options();
            options.TargetHost = settings.ServerName.Length > 0 ? settings.ServerName : endpoint.Host;
            _options = options;
            _stamp = stamp;
        }
        catch (Exception e) when (_options is null && e is IOException or UnauthorizedAccessException)
        {
            throw TcpFailure.Pause("certificate_unreadable", e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody is exchanging the files just now: the old ones may still be good.
        }
        return _options;
    }

    private static string Words(Exception exception)
    {
        string words = exception.Message;
        for (Exception? inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (!words.Contains(inner.Message, StringComparison.Ordinal))
                words += " " + inner.Message;
        }
        return words;
    }
}
