using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace Ogrt.Bench.WholeSystem;

/// <summary>Sends a recorded frame again and again, in the three ways in which servers are sent frames:
/// <c>udp</c> (datagrams, 32 a system call), <c>tcp-each</c> (a connection for each frame, as a preload library does) and
/// <c>tcp-stream</c> (all down one connection, 64 KiB a write).</summary>
internal static unsafe class LoadGenerator
{
    public const string Usage = "load udp|tcp-each|tcp-stream HOST PORT FRAME same|varied COUNT RATE";
    private const int DatagramsPerCall = 32, BytesPerWrite = 64 * 1024;

    /// <summary>Runs one load to its end and prints what was sent. RATE is in frames per second, 0 for as fast as it goes.</summary>
    /// <returns>0 when all frames were sent, 1 when not, 64 on a usage error.</returns>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 7 || !IPAddress.TryParse(arguments[1], out IPAddress? host))
        {
            Console.Error.WriteLine("usage: " + Usage);
            return 64;
        }
        Load load = new(RecordedFrame.Load(arguments[3]), arguments[4] == "varied",
            long.Parse(arguments[5], CultureInfo.InvariantCulture), double.Parse(arguments[6], CultureInfo.InvariantCulture));
        Libc.SocketAddressInet server = new()
        {
            Family = Libc.AddressFamilyInet,
            Port = BinaryPrimitives.ReverseEndianness(ushort.Parse(arguments[2], CultureInfo.InvariantCulture)),
            Address = MemoryMarshal.Read<uint>(host.GetAddressBytes()),
        };
        long start = Stopwatch.GetTimestamp();
        long sent = arguments[0] switch
        {
            "udp" => SendDatagrams(server, load),
            "tcp-each" => SendConnections(server, load),
            _ => SendStream(server, load),
        };
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"sent {sent} of {load.Count} frames of {load.Frame.Length} bytes in {seconds:F3} s, {sent / seconds:F0} frames/s"));
        return sent == load.Count ? 0 : 1;
    }

    private sealed record Load(RecordedFrame Frame, bool Varied, long Count, double Rate)
    {
        private readonly long _start = Stopwatch.GetTimestamp();

        public long ProcessOf(long index) => Varied ? index : -1;

        /// <summary>Waits until <paramref name="sent"/> frames are due.</summary>
        public void Pace(long sent)
        {
            if (Rate <= 0)
                return;
            double wait = (sent / Rate) - Stopwatch.GetElapsedTime(_start).TotalSeconds;
            if (wait > 0)
                Thread.Sleep(TimeSpan.FromSeconds(wait));
        }
    }

    private static long SendDatagrams(Libc.SocketAddressInet server, Load load)
    {
        int socket = Open(server, Libc.SocketDatagram);
        int length = load.Frame.Length;
        byte* frames = (byte*)NativeMemory.Alloc((nuint)(length * DatagramsPerCall));
        Libc.IoVector* vectors = stackalloc Libc.IoVector[DatagramsPerCall];
        Libc.MultipleMessageHeader* messages = stackalloc Libc.MultipleMessageHeader[DatagramsPerCall];
        for (int i = 0; i < DatagramsPerCall; i++)
        {
            vectors[i] = new Libc.IoVector { Base = frames + (i * length), Length = (nuint)length };
            messages[i] = new Libc.MultipleMessageHeader { Vectors = vectors + i, VectorCount = 1 };
        }
        long sent = 0;
        while (sent < load.Count)
        {
            int count = (int)Math.Min(load.Count - sent, DatagramsPerCall);
            for (int i = 0; i < count; i++)
                load.Frame.CopyTo(new Span<byte>(frames + (i * length), length), load.ProcessOf(sent + i));
            for (int done = 0; done < count;)
            {
                int n = Libc.SendMany(socket, messages + done, (uint)(count - done), 0);
                done += Math.Max(n, 0); // a refused datagram (no listener yet) is sent again
            }
            sent += count;
            load.Pace(sent);
        }
        NativeMemory.Free(frames);
        _ = Libc.Close(socket);
        return sent;
    }

    private static long SendConnections(Libc.SocketAddressInet server, Load load)
    {
        int length = load.Frame.Length;
        byte[] frame = new byte[length];
        long sent = 0;
        fixed (byte* bytes = frame)
        {
            for (long i = 0; i < load.Count; i++)
            {
                load.Frame.CopyTo(frame, load.ProcessOf(i));
                int socket = Libc.Socket(Libc.AddressFamilyInet, Libc.SocketStream, 0);
                if (Libc.Connect(socket, &server, sizeof(Libc.SocketAddressInet)) == 0 &&
                    Libc.Send(socket, bytes, length, Libc.NoSignal) == length)
                    sent++;
                _ = Libc.Close(socket);
                load.Pace(i + 1);
            }
        }
        return sent;
    }

    private static long SendStream(Libc.SocketAddressInet server, Load load)
    {
        int socket = Open(server, Libc.SocketStream);
        int length = load.Frame.Length, copies = Math.Max(1, BytesPerWrite / length);
        byte[] buffer = new byte[length * copies];
        long sent = 0;
        fixed (byte* bytes = buffer)
        {
            while (sent < load.Count)
            {
                int count = (int)Math.Min(load.Count - sent, copies);
                for (int i = 0; i < count; i++)
                    load.Frame.CopyTo(buffer.AsSpan(i * length, length), load.ProcessOf(sent + i));
                for (nint done = 0; done < count * length;)
                {
                    nint n = Libc.Send(socket, bytes + done, (count * length) - done, Libc.NoSignal);
                    if (n < 0)
                        return sent;
                    done += n;
                }
                sent += count;
                load.Pace(sent);
            }
            // The server has read everything when it closes its side.
            _ = Libc.Shutdown(socket, Libc.ShutdownWrite);
            while (Libc.Receive(socket, bytes, 1, 0) > 0)
                continue;
        }
        _ = Libc.Close(socket);
        return sent;
    }

    private static int Open(Libc.SocketAddressInet server, int type)
    {
        int socket = Libc.Socket(Libc.AddressFamilyInet, type, 0);
        return Libc.Connect(socket, &server, sizeof(Libc.SocketAddressInet)) == 0
            ? socket
            : throw new InvalidOperationException($"connect: {Marshal.GetLastPInvokeErrorMessage()}");
    }
}
