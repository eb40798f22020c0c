using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ogrt.Bench.WholeSystem;

/// <summary>
/// The Elasticsearch end of the whole-system benchmark: accepts every bulk request and counts its documents. It shares the
/// two cores with what it measures, so it does no more than to count the lines of a body; it stores nothing and so says
/// nothing about correctness. One thread a connection.
/// </summary>
internal static class BulkEnd
{
    public const string Usage = "bulk PORT";

    private const string Banner = """{"name":"bulk","cluster_name":"bulk","version":{"number":"8.19.0"},"tagline":"You Know, for Search"}""";

    private static readonly byte[] ItemsBegin = "{\"took\":1,\"errors\":false,\"items\":["u8.ToArray();
    private static readonly byte[] Item = "{\"create\":{\"status\":201}},"u8.ToArray();

    private static long s_documents;
    private static long s_requests;
    private static long s_bytes;

    /// <summary>Serves until the process ends; <c>GET /counts</c> tells requests, documents and bytes so far.</summary>
    /// <returns>64 on a usage error.</returns>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 1 || !ushort.TryParse(arguments[0], CultureInfo.InvariantCulture, out ushort port))
        {
            Console.Error.WriteLine("usage: " + Usage);
            return 64;
        }
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(128);
        Console.WriteLine("ready");
        while (true)
        {
            Socket socket = listener.Accept();
            new Thread(() => Serve(socket)) { IsBackground = true }.Start();
        }
    }

    private static void Serve(Socket socket)
    {
        using (socket)
        {
            socket.NoDelay = true;
            byte[] buffer = new byte[1 << 20];
            byte[] answer = [];
            int filled = 0;
            while (true)
            {
                int head;
                while ((head = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
                {
                    int read = Read(socket, buffer.AsSpan(filled));
                    if (read == 0)
                        return;
                    filled += read;
                }
                string text = Encoding.ASCII.GetString(buffer, 0, head);
                long length = ContentLength(text);
                int rest = filled - head - 4;
                Func<ReadOnlySpan<byte>, long>? inflated = text.Contains("\r\nContent-Encoding: gzip", StringComparison.OrdinalIgnoreCase) ? new Inflater(length).Lines : null;
                long Count(ReadOnlySpan<byte> part) => inflated?.Invoke(part) ?? part.Count((byte)'\n');
                long lines = Count(buffer.AsSpan(head + 4, (int)Math.Min(rest, length)));
                for (long left = length - rest; left > 0;)
                {
                    int read = Read(socket, buffer.AsSpan(0, (int)Math.Min(left, buffer.Length)));
                    if (read == 0)
                        return;
                    lines += Count(buffer.AsSpan(0, read));
                    left -= read;
                }
                filled = Math.Max(0, rest - (int)Math.Min(rest, length));
                bool isBulk = text.StartsWith("POST", StringComparison.Ordinal);
                if (isBulk)
                {
                    Interlocked.Increment(ref s_requests);
                    Interlocked.Add(ref s_documents, lines / 2);
                    Interlocked.Add(ref s_bytes, length);
                }
                int size = isBulk ? WriteItems(ref answer, lines / 2) : WriteText(ref answer, text.StartsWith("GET /counts", StringComparison.Ordinal)
                    ? string.Create(CultureInfo.InvariantCulture, $"{{\"requests\":{s_requests},\"documents\":{s_documents},\"bytes\":{s_bytes}}}")
                    : Banner);
                for (int sent = 0; sent < size;)
                    sent += socket.Send(answer, sent, size - sent, SocketFlags.None);
            }
        }
    }

    /// <summary>Gathers a compressed body and counts the lines of what it was made from.</summary>
    private sealed class Inflater(long length)
    {
        private readonly byte[] _body = new byte[length];
        private int _filled;

        /// <summary>0 until the body is whole, and then all of its lines.</summary>
        public long Lines(ReadOnlySpan<byte> part)
        {
            part.CopyTo(_body.AsSpan(_filled));
            _filled += part.Length;
            if (_filled < _body.Length)
                return 0;
            using var inflate = new GZipStream(new MemoryStream(_body), CompressionMode.Decompress);
            byte[] buffer = new byte[1 << 16];
            long lines = 0;
            for (int read; (read = inflate.Read(buffer)) > 0;)
                lines += buffer.AsSpan(0, read).Count((byte)'\n');
            return lines;
        }
    }

    private static int Read(Socket socket, Span<byte> into)
    {
        try
        {
            return socket.Receive(into);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private static long ContentLength(string head)
    {
        const string name = "\r\nContent-Length:";
        int at = head.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return 0;
        int end = head.IndexOf('\r', at + 2);
        return long.Parse(head.AsSpan(at + name.Length, (end < 0 ? head.Length : end) - at - name.Length), CultureInfo.InvariantCulture);
    }

    private static int WriteItems(ref byte[] answer, long items)
    {
        int length = ItemsBegin.Length + ((int)items * Item.Length) + (items == 0 ? 2 : 1);
        int at = Begin(ref answer, length);
        ItemsBegin.CopyTo(answer, at);
        at += ItemsBegin.Length;
        for (long n = 0; n < items; n++, at += Item.Length)
            Item.CopyTo(answer, at);
        at -= items == 0 ? 0 : 1;
        "]}"u8.CopyTo(answer.AsSpan(at));
        return at + 2;
    }

    private static int WriteText(ref byte[] answer, string text)
    {
        int at = Begin(ref answer, text.Length);
        return at + Encoding.ASCII.GetBytes(text, answer.AsSpan(at));
    }

    private static int Begin(ref byte[] answer, int length)
    {
        string head = $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-elastic-product: Elasticsearch\r\nContent-Length: {length}\r\n\r\n";
        if (answer.Length < head.Length + length + Item.Length)
            answer = new byte[(head.Length + length + Item.Length) * 2];
        return Encoding.ASCII.GetBytes(head, answer);
    }
}
