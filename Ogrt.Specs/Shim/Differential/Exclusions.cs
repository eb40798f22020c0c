using System.Collections.Frozen;

namespace Ogrt.Specs.Shim.Differential;

/// <summary>
/// Programs that are not run, each with the reason. Programs that only differ from run to run need no line: they are run,
/// found out, and counted.
/// </summary>
internal static class Exclusions
{
    private const string _machine = "would restart or stop the machine, were the sandbox to leak";
    private const string _clock = "sets the clock";
    private const string _load = "measures or loads the machine";
    private const string _unattended = "waits for a terminal or a person";

    private const string _endless = "reads its empty input again and again, whatever its arguments";
    private const string _forever = "goes on for minutes, whatever its arguments";

    private static readonly FrozenDictionary<string, string> _reasons = new Dictionary<string, string>
    {
        ["halt"] = _machine,
        ["init"] = _machine,
        ["kexec"] = _machine,
        ["poweroff"] = _machine,
        ["reboot"] = _machine,
        ["shutdown"] = _machine,
        ["telinit"] = _machine,
        ["runlevel"] = _machine,
        ["hwclock"] = _clock,
        ["ntpdate"] = _clock,
        ["timedatectl"] = _clock,
        ["hyperfine"] = _load,
        ["perf"] = _load,
        ["pgbench"] = _load,
        ["stress"] = _load,
        ["stress-ng"] = _load,
        ["sysbench"] = _load,
        ["dpkg-reconfigure"] = _unattended,
        ["passwd"] = _unattended,
        ["su"] = _unattended,
        ["pam-auth-update"] = _unattended,
        ["unix_chkpwd"] = _unattended,
        ["unix_update"] = _unattended,
        ["vimtutor"] = _unattended,
        ["vlock"] = _unattended,
        ["debconf-apt-progress"] = _unattended,
        ["instmodsh"] = _endless,
        ["gsutil"] = _forever,
        ["jconsole"] = _forever,
        ["llvm-PerfectShuffle"] = _forever,
        ["llvm-PerfectShuffle-14"] = _forever,
        ["mvnDebug"] = _forever,
    }.ToFrozenDictionary();

    /// <summary>Why a program is not run; <see langword="null"/> for one that is.</summary>
    public static string? Reason(string program) => _reasons.GetValueOrDefault(Path.GetFileName(program));
}
