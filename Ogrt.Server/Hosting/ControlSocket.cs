using System.Net.Sockets;

namespace Ogrt.Server.Hosting;

/// <summary>
/// The Unix socket of the commands. Without a group only the server's own user (and root) can connect; with one everybody who
/// reaches its folder can, and <see cref="ControlAccess"/> decides.
/// </summary>
public static class ControlSocket
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Everybody =
        OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

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
    /// <param name="path">Where.</param>
    /// <param name="forGroup">Whether others than the owner may connect, to be checked by their credentials.</param>
    /// <exception cref="IOException">A server answers there, or the path cannot be used.</exception>
    public static Socket Bind(string path, bool forGroup = false)
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
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(full, forGroup ? Everybody : OwnerOnly);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"The control socket {full} cannot be made: {e.Message}", e);
        }
    }
}
