using System.Runtime.InteropServices;
using System.Text;

namespace Ogrt.Server.Cli.Top;

/// <summary>
/// The terminal while it belongs to this program: keys come one by one and unseen (termios(3)), and what is drawn goes to the
/// alternate screen, so that the shell's own comes back as it was.
/// </summary>
/// <remarks>
/// <para>Plain sequences of ECMA-48 and xterm, written as one text a frame of which only changed lines are sent: that does not
/// flicker, and what a tracked program wrote never passes a markup. Spectre.Console's live display has neither the alternate
/// screen nor keys.</para>
/// <para><see cref="Enter"/> and <see cref="Leave"/> may be called any number of times; what is left is as it was found.</para>
/// </remarks>
internal sealed partial class RawTerminal : IDisposable
{
    private const int Input = 0, Output = 1, WhenDrained = 1;
    private const int StopSignal = 19;
    private const short Readable = 1;

    // struct termios has 60 bytes with glibc and musl; this is enough for any.
    private const int TermiosSize = 256;
    private const string EnterScreen = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J", LeaveScreen = "\u001b[?7h\u001b[?25h\u001b[0m\u001b[?1049l";

    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _continued = new();
    private readonly TextWriter _output;
    private readonly byte[] _found = new byte[TermiosSize];
    private readonly byte[] _raw = new byte[TermiosSize];
    private string[] _drawn = [];
    private bool _isEntered;

    /// <summary>Takes note of how the terminal is.</summary>
    /// <param name="output">Standard output, which is this terminal.</param>
    public RawTerminal(TextWriter output) => _output = output;

    /// <summary>Whether standard input and output are a terminal that can do this.</summary>
    public static bool IsUsable => IsTerminal(Input) == 1 && IsTerminal(Output) == 1 && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>Columns and rows, as they are now.</summary>
    public static (int Width, int Height) Size
    {
        get
        {
            var size = default(WindowSize);
            return WindowSizeOf(Output, RequestWindowSize, ref size) == 0 && size.Columns > 0 && size.Rows > 0 ? (size.Columns, size.Rows) : (80, 24);
        }
    }

    /// <summary>Takes the terminal.</summary>
    public void Enter()
    {
        lock (_gate)
        {
            if (_isEntered) return;
            if (GetAttributes(Input, _found) == 0)
            {
                _found.CopyTo(_raw, 0);
                MakeRaw(_raw);
                _ = SetAttributes(Input, WhenDrained, _raw);
            }
            _isEntered = true;
            _drawn = [];
            _output.Write(EnterScreen);
            _output.Flush();
        }
    }

    /// <summary>Gives it back.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (!_isEntered) return;
            _isEntered = false;
            try
            {
                _output.Write(LeaveScreen);
                _output.Flush();
            }
            catch (IOException)
            {
                // The terminal is gone.
            }
            _ = SetAttributes(Input, WhenDrained, _found);
        }
    }

    /// <summary>Draws lines that are not there yet.</summary>
    /// <param name="lines">From the top, each with its sequences, none longer than the screen is wide.</param>
    public void Draw(string[] lines)
    {
        lock (_gate)
        {
            if (!_isEntered) return;
            var text = new StringBuilder();
            // Terminals that know it show a frame as a whole.
            text.Append("\u001b[?2026h");
            if (_drawn.Length != lines.Length) text.Append("\u001b[2J");
            for (int i = 0; i < lines.Length; i++)
            {
                if (_drawn.Length == lines.Length && _drawn[i] == lines[i]) continue;
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\u001b[{i + 1};1H").Append(lines[i]).Append("\u001b[K");
            }
            text.Append("\u001b[?2026l");
            _drawn = lines;
            _output.Write(text);
            _output.Flush();
        }
    }

    /// <summary>Forgets what is drawn, so that the next frame is drawn whole.</summary>
    public void Forget()
    {
        lock (_gate) _drawn = [];
    }

    /// <summary>Tells that the process goes on after it was stopped; may be called from anywhere.</summary>
    public void Continued() => _continued.Set();

    /// <summary>Takes the terminal anew after the process was stopped and goes on: the runtime puts its own settings back then.</summary>
    public void Reclaim()
    {
        lock (_gate)
        {
            if (!_isEntered) return;
            _ = SetAttributes(Input, WhenDrained, _raw);
            _drawn = [];
        }
    }

    /// <summary>Stops this process as Ctrl-Z does, with the terminal given back; returns when the shell goes on with it.</summary>
    public void Suspend()
    {
        _continued.Reset();
        Leave();
        // The call returns before all threads stand still: this one would take the terminal back at once. Should nobody tell that the
        // process goes on, it does so itself; while it is stopped it does not count.
        _ = Kill(Environment.ProcessId, StopSignal);
        _continued.Wait(LongestStop);
        Enter();
    }

    /// <summary>Waits for keys.</summary>
    /// <param name="buffer">Takes their bytes.</param>
    /// <param name="milliseconds">How long.</param>
    /// <returns>How many bytes; 0 when none came in time, -1 at the end of input.</returns>
    public static unsafe int Read(Span<byte> buffer, int milliseconds)
    {
        var wait = new PollDescriptor { Descriptor = Input, Events = Readable };
        if (Poll(&wait, 1, milliseconds) <= 0) return 0;
        fixed (byte* bytes = buffer)
        {
            nint read = Read(Input, bytes, buffer.Length);
            return read > 0 ? (int)read : -1;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Leave();
        _continued.Dispose();
    }

    private const nuint RequestWindowSize = 0x5413; // TIOCGWINSZ on x86, ARM and RISC-V

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsTerminal(int descriptor);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, [Out] byte[] termios);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int when, [In] byte[] termios);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw([In, Out] byte[] termios);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int WindowSizeOf(int descriptor, nuint request, ref WindowSize size);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static unsafe partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read")]
    private static unsafe partial nint Read(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
