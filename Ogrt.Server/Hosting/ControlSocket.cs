using System.Net.Sockets;

namespace Ogrt.Server.Hosting;

/// <summary>The Unix socket of the commands: only the server's own user (and root) can connect.</summary>
public static class ControlSocket
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// The path as it goes into a socket's address, which holds only 107 bytes: absolute, or relative to the working folder
    /// where that is shorter.
    /// </summary>
    public static string Address(string path)
    {
        string full = Path.GetFullPath(path);
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, full);
        return relative.Length < full.Length ? relative : full;
    }

    /// <summary>Whether somebody answers there.</summary>
    public static bool IsAlive(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(Address(path)));
            return true;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Binds the socket. What a killed server has left there is taken away first.</summary>
    /// <exception cref="IOException">A server answers there, or the path cannot be used.</exception>
    public static Socket Bind(string path)
    {
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        if (File.Exists(full))
        {
            if (IsAlive(path)) throw new ControlSocketInUseException(full);
            File.Delete(full);
        }
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(Address(path)));
            // Before it listens: until then nobody can connect, whatever the mode was for a moment.
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(full, OwnerOnly);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"The control socket {full} cannot be made: {e.Message}", e);
        }
    }
}
