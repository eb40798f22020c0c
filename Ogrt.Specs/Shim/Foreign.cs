namespace Ogrt.Specs.Shim;

/// <summary>Programs of other processors and C libraries, run as they are where the kernel can, else by qemu-user.</summary>
internal sealed class Foreign
{
    private readonly string[] _emulator;

    private Foreign(string compiler, string[] emulator)
    {
        Compiler = compiler;
        _emulator = emulator;
    }

    public string Compiler { get; }

    /// <summary>32-bit programs of this processor: the kernel runs them where it was built to (IA32_EMULATION).</summary>
    public static Foreign I386(ShimFixture shim)
    {
        Command.Require("i686-linux-gnu-gcc");
        string program = shim.Compile("int main(void) { return 0; }", "i686-linux-gnu-gcc");
        return new Foreign("i686-linux-gnu-gcc", RunsHere(program) ? [] : Emulator("qemu-i386", "/usr/i686-linux-gnu"));
    }

    public static Foreign Aarch64()
    {
        Command.Require("aarch64-linux-gnu-gcc");
        return new Foreign("aarch64-linux-gnu-gcc", Emulator("qemu-aarch64", "/usr/aarch64-linux-gnu"));
    }

    public static Foreign Musl()
    {
        Command.Require("musl-gcc");
        return new Foreign("musl-gcc", []);
    }

    /// <summary>Whether the program runs without an emulator.</summary>
    public bool IsNative => _emulator.Length == 0;

    public CommandResult Run(string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        if (IsNative)
            return Command.Run(program, arguments, environment);
        // As options: the emulator is a program of this machine, whose dynamic linker would take LD_PRELOAD for itself.
        IEnumerable<string> set = environment.SelectMany(variable => new[] { "-E", $"{variable.Name}={variable.Value}" });
        return Command.Run(_emulator[0], [.. _emulator[1..], .. set, program, .. arguments]);
    }

    private static string[] Emulator(string name, string root) => [Command.Require(name), "-L", root];

    private static bool RunsHere(string program)
    {
        try
        {
            return Command.Run(program).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
