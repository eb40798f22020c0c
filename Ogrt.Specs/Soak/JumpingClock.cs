using System.ComponentModel;
using System.Diagnostics;

namespace Ogrt.Specs.Soak;

/// <summary>A clock of the server's own that jumps when it is told to: a preloaded library adds to the kernel's real time.</summary>
internal sealed class JumpingClock
{
    private const string Source = "Ogrt.Specs.Soak.jumping-clock.c";

    private readonly string _file;
    private readonly string _library;
    private TimeSpan _jump;

    private JumpingClock(string file, string library) => (_file, _library) = (file, library);

    /// <summary>What the server's environment needs.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["LD_PRELOAD"] = _library, ["OGRT_SOAK_CLOCK"] = _file };

    /// <summary>Makes one; null, with the reason, where there is no C compiler.</summary>
    public static (JumpingClock? Clock, string Reason) Make(DirectoryInfo directory)
    {
        string source = Path.Combine(directory.FullName, "jumping-clock.c");
        string library = Path.Combine(directory.FullName, "jumping-clock.so");
        string file = Path.Combine(directory.FullName, "clock");
        using (Stream text = typeof(JumpingClock).Assembly.GetManifestResourceStream(Source)!)
        using (FileStream to = File.Create(source))
            text.CopyTo(to);
        File.WriteAllBytes(file, new byte[sizeof(long)]);
        try
        {
            using Process compiler = Process.Start(new ProcessStartInfo("cc", ["-shared", "-fPIC", "-O2", "-o", library, source]) { RedirectStandardError = true })!;
            string said = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? (new JumpingClock(file, library), "") : (null, $"the clock's library cannot be built: {said}");
        }
        catch (Win32Exception)
        {
            return (null, "there is no C compiler (cc) for the clock's library");
        }
    }

    /// <summary>Sets the server's clock forward, or back where the time is negative.</summary>
    public void Jump(TimeSpan by)
    {
        _jump += by;
        using FileStream file = File.OpenWrite(_file);
        file.Write(BitConverter.GetBytes(_jump.Ticks * 100));
    }
}
