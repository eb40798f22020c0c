using System.Diagnostics;
using System.Globalization;

namespace Ogrt.Specs.Shim.Differential;

/// <summary>A network of its own with a server in one of the states that a server can be in.</summary>
internal sealed class World : IDisposable
{
    private readonly Process _holder;

    public World(string helper, string state)
    {
        State = state;
        _holder = Command.Start(helper, ["world", state], []);
        if (_holder.StandardOutput.ReadLine() == "ready")
            return;
        string error = _holder.StandardError.ReadToEnd();
        Dispose();
        throw new InvalidOperationException($"No network with a server that is {state}: {error}");
    }

    /// <summary><c>up</c>, <c>up-udp</c>, <c>down</c>, <c>full</c> (takes connections and reads nothing) or <c>silent</c>.</summary>
    public string State { get; }

    /// <summary>The file of its network namespace.</summary>
    public string Network => $"/proc/{_holder.Id}/ns/net";

    /// <summary>How many records its server has taken.</summary>
    public long Records()
    {
        _holder.StandardInput.WriteLine();
        _holder.StandardInput.Flush();
        return long.Parse(_holder.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _holder.StandardInput.Close();
        _holder.WaitForExit();
        _holder.Dispose();
    }
}
