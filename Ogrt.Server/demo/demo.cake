// `./build.sh demo`: a server, a job under the preload library, and the job's process tree. Everything it makes is under
// var/demo.

using System.Diagnostics;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text.Json;

public sealed class Demo(ICakeContext context, BuildParameters build)
{
    private const string Job = "DEMO";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan ArrivalLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(90);

    // What the workload is known to run, and how often: it has arrived when all of these are in the tree.
    private static readonly (string Program, int Count)[] Expected = [("/primes", 8), ("/report", 1)];

    private string Folder => build.Var.Combine("demo").FullPath;
    private string Data => Folder + "/data";
    private string Work => Folder + "/work";
    private string ServerLog => Folder + "/server.log";
    private string Settings => Folder + "/ogrt.hocon";
    private string Server => build.Program("Ogrt.Server", "ogrt-server").FullPath;
    private string Relative(string path) => System.IO.Path.GetRelativePath(build.Root.FullPath, path);

    public void Run()
    {
        RefuseWhileAServerRuns();
        foreach (string folder in new[] { Data, Work })
        {
            if (System.IO.Directory.Exists(folder)) System.IO.Directory.Delete(folder, recursive: true);
            System.IO.Directory.CreateDirectory(folder);
        }

        int port = FreePort(7971, udpToo: true);
        int httpPort = FreePort(7980, udpToo: false);
        WriteSettings(port, httpPort);
        string library = InstallShim(port);

        Say($"Starting ogrt-server on port {port} (frames) and 127.0.0.1:{httpPort} (health, metrics); its log is {Relative(ServerLog)}.");
        using Process server = StartServer();
        try
        {
            WaitUntil("the server is ready", StartLimit, () => IsReady(server, httpPort));
            Say($"Running Ogrt.Server/demo/workload/run.sh as job {Job} under {Relative(library)}.");
            RunWorkload(library);
            WaitUntil($"the processes of job {Job} have arrived", ArrivalLimit, () => HasArrived(server));
            Show("The process tree of the job:", "tree", Job);
            Show("The jobs that the server knows:", "jobs");
        }
        finally
        {
            Stop(server);
        }
        if (server.ExitCode != 0) throw Failure($"The server ended with exit code {server.ExitCode}.");
        SayHowToGoOn(port);
    }

    // A second server on the same folder would be refused by the journal's lock, but its data would have been deleted by then.
    private void RefuseWhileAServerRuns()
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // The folder's own path may be longer than a socket address holds; a relative one is not.
            probe.Connect(new UnixDomainSocketEndPoint(System.IO.Path.GetRelativePath(Environment.CurrentDirectory, Data + "/ogrt.sock")));
        }
        catch (SocketException)
        {
            return;
        }
        throw new CakeException($"A server is running on {Relative(Data)}: stop it, then start the demo again.");
    }

    private static int FreePort(int usual, bool udpToo)
    {
        for (int port = usual; port < usual + 1000; port += 10)
            if (IsFree(port, udpToo)) return port;
        throw new CakeException($"No port is free among {usual}, {usual + 10}, {usual + 20} and so on up to {usual + 990}.");
    }

    private static bool IsFree(int port, bool udpToo)
    {
        try
        {
            using var tcp = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            tcp.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            if (!udpToo) return true;
            using var udp = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true };
            udp.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }

    private void WriteSettings(int port, int httpPort) => System.IO.File.WriteAllText(Settings, $$"""
        # Written by ./build.sh demo: the operator's file, with a data folder and ports of its own.
        include "../../ogrt.hocon"

        ogrt.data-directory = "{{Data}}"
        ogrt.ingest.listeners.tcp.port = {{port}}
        ogrt.ingest.listeners.udp.port = {{port}}
        ogrt.http.port = {{httpPort}}

        """);

    private string InstallShim(int port)
    {
        string prefix = Folder + "/shim";
        build.InstallShim(context, prefix, "--server-host=127.0.0.1", $"--server-port={port}", "--username-source=passwd");
        return prefix + "/lib/libogrt.so";
    }

    private Process StartServer()
    {
        // The shell opens the log, so that the server writes to it without a reader in between.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = build.Root.FullPath, RedirectStandardInput = true };
        foreach (string argument in new[] { "-c", "exec \"$0\" run --config \"$1\" >\"$2\" 2>&1", Server, Settings, ServerLog })
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private bool IsReady(Process server, int httpPort)
    {
        if (server.HasExited) throw Failure($"The server ended with exit code {server.ExitCode} before it was ready.");
        try
        {
            using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
            using HttpResponseMessage answer = client.GetAsync($"http://127.0.0.1:{httpPort}/health/ready").GetAwaiter().GetResult();
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private void RunWorkload(string library)
    {
        var start = new ProcessStartInfo(build.Root.FullPath + "/Ogrt.Server/demo/workload/run.sh")
        {
            WorkingDirectory = Work,
            Environment = { ["LD_PRELOAD"] = library, ["OGRT_ACTIVE"] = "yes", ["OGRT_SILENT"] = "1", ["JOB_ID"] = Job },
        };
        start.ArgumentList.Add(Work);
        using Process workload = Process.Start(start);
        workload.WaitForExit();
        if (workload.ExitCode != 0) throw new CakeException($"The workload ended with exit code {workload.ExitCode}.");
    }

    private bool HasArrived(Process server)
    {
        if (server.HasExited) throw Failure($"The server ended with exit code {server.ExitCode} while the job ran.");
        (int exitCode, string document) = Ask("tree", Job, "--json");
        if (exitCode != 0) return false;
        using JsonDocument tree = JsonDocument.Parse(document);
        return Expected.All(e => CountOf(tree.RootElement.GetProperty("nodes"), e.Program) >= e.Count) && IsInTheStore();
    }

    // With the record of the job itself, which says its state; its processes are there before it.
    private bool IsInTheStore()
    {
        (int exitCode, string document) = Ask("jobs", "--json");
        if (exitCode != 0) return false;
        using JsonDocument jobs = JsonDocument.Parse(document);
        return jobs.RootElement.EnumerateArray().Any(j => j.GetProperty("state").GetString() != "unknown");
    }

    private static long CountOf(JsonElement nodes, string program) => nodes.EnumerateArray().Sum(node =>
        (node.GetProperty("images").EnumerateArray().Any(i => i.GetProperty("path").GetString().EndsWith(program, StringComparison.Ordinal))
            ? node.GetProperty("count").GetInt64()
            : 0) + CountOf(node.GetProperty("children"), program));

    private (int ExitCode, string Output) Ask(params string[] arguments)
    {
        var start = new ProcessStartInfo(Server) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments.Concat(["--config", Settings])) start.ArgumentList.Add(argument);
        using Process client = Process.Start(start);
        System.Threading.Tasks.Task<string> messages = client.StandardError.ReadToEndAsync();
        string output = client.StandardOutput.ReadToEnd();
        client.WaitForExit();
        return (client.ExitCode, client.ExitCode == 0 ? output : output + messages.Result);
    }

    private void Show(string title, params string[] arguments)
    {
        (int exitCode, string output) = Ask(arguments);
        if (exitCode != 0) throw Failure($"ogrt-server {string.Join(' ', arguments)} ended with exit code {exitCode}: {output}");
        Console.WriteLine();
        Console.WriteLine(title);
        Console.WriteLine();
        Console.Write(output);
    }

    private void Stop(Process server)
    {
        if (server.HasExited) return;
        using (Process signal = Process.Start("kill", ["-TERM", server.Id.ToString()])) signal.WaitForExit();
        if (server.WaitForExit(StopLimit)) return;
        server.Kill();
        throw Failure($"The server did not stop within {StopLimit.TotalSeconds:0} s of SIGTERM.");
    }

    private void WaitUntil(string what, TimeSpan limit, Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > limit) throw Failure($"Waited {limit.TotalSeconds:0} s in vain until {what}.");
            System.Threading.Thread.Sleep(200);
        }
    }

    private CakeException Failure(string message)
    {
        string log = System.IO.File.Exists(ServerLog) ? string.Join('\n', System.IO.File.ReadLines(ServerLog).TakeLast(15)) : "";
        return new CakeException($"{message}\nThe end of {Relative(ServerLog)}:\n{log}");
    }

    private void SayHowToGoOn(int port)
    {
        string server = Relative(Server);
        string settings = Relative(Settings);
        Console.WriteLine($"""

            The server has been stopped; what it has recorded is in {Relative(Data)}. To go on:

              {server} tree {Job} --expand --config {settings}
              {server} job {Job} --json --config {settings}
              {server} jobs --executable primes --config {settings}

            To start the server again and track programs of your own (job id MINE):

              {server} run --config {settings}
              OGRT_ACTIVE=yes JOB_ID=MINE LD_PRELOAD={Folder}/shim/lib/libogrt.so bash -c 'ls | wc -l'
              {server} tree MINE --config {settings}

            Programs that run under the library send to port {port} of this machine.
            """);
    }

    private static void Say(string message) => Console.WriteLine(message);
}
