using System.CommandLine;
using System.Text.Json;
using Ogrt.Journal;
using Ogrt.Server.Cli;
using Ogrt.Server.Cli.Commands;
using Ogrt.Sinks.Local;
using Ogrt.Wire;
using Ogrt.Wire.Protocol;

namespace Ogrt.Specs.Server;

public sealed class CommandLineSpec : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ogrt-");
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose() => _folder.Delete(recursive: true);

    private Terminal Screen => new() { Output = _output, Error = _error };

    private Task<int> Run(params string[] arguments) => new CommandLineProgram(Screen).RunAsync(arguments);

    private Task<int> RunHere(params string[] arguments) => Run([.. arguments, "--set", "data-directory=" + _folder.FullName]);

    public static TheoryData<string> CommandPaths()
    {
        var paths = new TheoryData<string>();
        void Add(Command command, string path)
        {
            if (path.Length > 0) paths.Add(path);
            foreach (Command inner in command.Subcommands) Add(inner, (path + " " + inner.Name).Trim());
        }

        Add(new CommandLineProgram(new Terminal { Output = TextWriter.Null, Error = TextWriter.Null }).Root, "");
        return paths;
    }

    [Theory]
    [MemberData(nameof(CommandPaths))]
    public async Task Every_command_has_help_with_a_description_of_each_option(string path)
    {
        Assert.Equal(ExitCode.Ok, await Run([.. path.Split(' '), "--help"]));
        string help = _output.ToString();
        Assert.Contains($"Usage:\n  ogrt-server {path}", help, StringComparison.Ordinal);
        if (path != "journal") Assert.Contains("Examples:", help, StringComparison.Ordinal);
        Command command = path.Split(' ').Aggregate((Command)new CommandLineProgram(Screen).Root, (c, name) => c.Subcommands.Single(s => s.Name == name));
        Assert.All(command.Options, o => Assert.False(string.IsNullOrEmpty(o.Description), o.Name));
        Assert.All(command.Arguments, a => Assert.False(string.IsNullOrEmpty(a.Description), a.Name));
    }

    [Fact]
    public async Task The_version_is_one_line()
    {
        Assert.Equal(ExitCode.Ok, await Run("--version"));
        Assert.Matches(@"^ogrt-server \d+\.\d+\.\d+ \(\.NET \d+\.\d+\.\d+\)\n$", _output.ToString());
    }

    [Theory]
    [InlineData("ogrt-server: There is no command 'jbos' here. Did you mean 'jobs'? Try ogrt-server --help.", "jbos")]
    [InlineData("ogrt-server: There is no option '--jsn' here. Did you mean '--json'? Try ogrt-server jobs --help.", "jobs", "--jsn")]
    [InlineData("ogrt-server: There is no state 'runing': it is one of running, quiet, ended. Did you mean 'running'?", "jobs", "--state", "runing")]
    [InlineData("ogrt-server: --since does not understand 'lately'. ogrt-server help times shows the forms.", "jobs", "--since", "lately")]
    [InlineData("ogrt-server: There is no help on 'exit-code'. Did you mean 'exit-codes'?", "help", "exit-code")]
    public async Task A_wrong_command_line_is_one_line_that_says_what_to_do(string expected, params string[] arguments)
    {
        Assert.Equal(ExitCode.Usage, await Run(arguments));
        Assert.Equal(expected + "\n", _error.ToString());
        Assert.Empty(_output.ToString());
    }

    [Fact]
    public async Task An_at_sign_is_a_time_and_no_response_file()
    {
        Assert.Equal(ExitCode.NoInput, await RunHere("jobs", "--since", "@1456936066"));
        Assert.Contains("There is no store", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_an_error_is_an_object()
    {
        Assert.Equal(ExitCode.NoInput, await RunHere("tree", "NONE", "--json"));
        JsonElement error = JsonDocument.Parse(_error.ToString()).RootElement;
        Assert.Equal(ExitCode.NoInput, error.GetProperty("code").GetInt32());
        Assert.Contains("There is no store", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(error.GetProperty("hint").GetString()!);
    }

    [Fact]
    public async Task The_exit_codes_are_listed()
    {
        Assert.Equal(ExitCode.Ok, await Run("help", "exit-codes"));
        foreach ((int code, string meaning) in ExitCode.All) Assert.Contains($"{code,4}  {meaning}\n", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_names_each_problem_and_shows_each_value_with_its_place()
    {
        string file = Path.Combine(_folder.FullName, "ogrt.hocon");
        await File.WriteAllTextAsync(file, "ogrt {\n  cluster = hpc1\n  journal.max-sise = 1 GiB\n}\n", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Configuration, await Run("check", "--config", file, "--changed", "--no-environment"));
        Assert.Equal($"error: {file}:3: There is no key 'ogrt.journal.max-sise'. Did you mean 'ogrt.journal.max-size'?\n", _error.ToString());
        Assert.Equal($"ogrt.cluster = \"hpc1\"  # {file}:2\n", _output.ToString());
    }

    [Fact]
    public async Task Check_of_a_sound_configuration_ends_with_0()
    {
        Assert.Equal(ExitCode.Ok, await RunHere("check", "--no-environment"));
        Assert.Contains("ogrt.journal.max-size = 8 GiB  # default, Ogrt.Journal/reference.conf:", _output.ToString(), StringComparison.Ordinal);
        Assert.Equal("The configuration is sound.\n", _error.ToString());
    }

    [Fact]
    public async Task Deny_warnings_makes_errors_of_them()
    {
        string[] noListeners = ["--set", "ingest.listener-defaults.tcp.enabled=off", "--set", "ingest.listener-defaults.udp.enabled=off", "--set", "http.port=0"];
        Assert.Equal(ExitCode.Ok, await RunHere(["check", "-q", .. noListeners]));
        Assert.Contains("warning: ", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Configuration, await RunHere(["check", "-q", "--deny-warnings", .. noListeners]));
    }

    [Fact]
    public async Task A_journal_is_verified_and_dumped()
    {
        string directory = Path.Combine(_folder.FullName, "journal");
        using (SegmentedJournal journal = SegmentedJournal.Open(new JournalOptions { Directory = directory }))
        {
            JournalBatch batch = journal.CreateBatch();
            batch.Add(RecordKind.Frame, 1_456_936_066_000_000_000, default, Frame("/bin/\u001b[2Jx"));
            journal.Append(batch, TestContext.Current.CancellationToken);
        }
        Assert.Equal(ExitCode.Ok, await RunHere("journal", "verify"));
        Assert.Contains("1 records", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Nothing is damaged.", _output.ToString(), StringComparison.Ordinal);

        _output.GetStringBuilder().Clear();
        Assert.Equal(ExitCode.Ok, await RunHere("journal", "dump"));
        Assert.Contains("2016-03-02T16:27:46.000Z\t-\tframe\t", _output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("process 7 of job J: /bin/\\x1b[2Jx\n", _output.ToString(), StringComparison.Ordinal);

        _output.GetStringBuilder().Clear();
        Assert.Equal(ExitCode.Ok, await RunHere("journal", "dump", "--json"));
        JsonElement record = JsonDocument.Parse(_output.ToString()).RootElement;
        Assert.Equal("/bin/\u001b[2Jx", record.GetProperty("process").GetProperty("binpath").GetString());
        Assert.DoesNotContain('\u001b', _output.ToString());
    }

    [Fact]
    public async Task A_reader_that_will_not_come_back_is_forgotten()
    {
        string directory = Path.Combine(_folder.FullName, "journal");
        using (SegmentedJournal journal = SegmentedJournal.Open(new JournalOptions { Directory = directory }))
        {
            JournalBatch batch = journal.CreateBatch();
            batch.Add(RecordKind.Frame, 1, default, Frame("/bin/x"));
            journal.OpenReader("sink-archive").Dispose();
            journal.OpenReader("jobs").Dispose();
            journal.Append(batch, TestContext.Current.CancellationToken);
        }
        Assert.Equal(ExitCode.NoInput, await RunHere("journal", "forget", "sink-archiv"));
        Assert.Contains("Did you mean 'sink-archive'?", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await RunHere("journal", "forget", "sink-archive"));
        Assert.Contains("The reader sink-archive is forgotten; it had 1 records to go.", _error.ToString(), StringComparison.Ordinal);
        using SegmentedJournal after = SegmentedJournal.Open(new JournalOptions { Directory = directory });
        Assert.Equal(["jobs"], after.Cursors.Select(c => c.Name));
    }

    [Fact]
    public async Task A_damaged_journal_is_told_by_the_exit_code()
    {
        string directory = Path.Combine(_folder.FullName, "journal");
        using (SegmentedJournal journal = SegmentedJournal.Open(new JournalOptions { Directory = directory }))
        {
            for (int i = 0; i < 3; i++)
            {
                JournalBatch batch = journal.CreateBatch();
                batch.Add(RecordKind.Frame, 1, default, Frame("/bin/x"));
                journal.Append(batch, TestContext.Current.CancellationToken);
            }
        }
        string segment = Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).OrderByDescending(f => new FileInfo(f).Length).First();
        byte[] bytes = await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken);
        int middle = bytes.AsSpan().IndexOf("/bin/x"u8);
        bytes[middle] ^= 0xFF;
        await File.WriteAllBytesAsync(segment, bytes, TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Found, await RunHere("journal", "verify"));
        Assert.Contains("The journal is damaged", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_that_is_not_there_is_told() =>
        Assert.Equal(ExitCode.NoInput, await RunHere("journal", "verify"));

    [Fact]
    public void The_table_of_jobs_is_aligned_and_has_no_raw_text()
    {
        var clock = new FixedClock(DateTimeOffset.Parse("2026-11-23T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        List<JobSummary> jobs =
        [
            Summary("4711", "alice", JobState.JobRunning, 3, 1_234),
            Summary("x\u001b[31m\ny", "eve\tmallory", JobState.JobEnded, 1, 2) with
            {
                Scheduler = new SchedulerSummary("physics", "main", null, null, "FAILED", 3, 0),
            },
        ];
        JobsCommand.WriteTable(Screen with { Clock = clock }, jobs, plain: false);
        string start = Durations.Local(clock.GetUtcNow().AddHours(-1));
        Assert.Equal(
            $"""
            JOB           USER          STATE    HOSTS  PROCESSES  FAILED  START                 ELAPSED  ACCOUNT  PARTITION  OUTCOME
            4711          alice         running      3       1234       0  {start}  01:00:00  -        -          -
            x\x1b[31m\ny  eve\tmallory  ended        1          2       0  {start}     00:30  physics  main       failed (exit 3)

            """,
            _output.ToString());
        _output.GetStringBuilder().Clear();
        JobsCommand.WriteTable(Screen with { Clock = clock }, jobs, plain: true);
        Assert.StartsWith($"JOB\tUSER\tSTATE\tHOSTS\tPROCESSES\tFAILED\tSTART\tELAPSED\tACCOUNT\tPARTITION\tOUTCOME\n4711\talice\trunning\t3\t1234\t0\t{start}\t01:00:00\t-\t-\t-\n", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_id_of_ten_thousand_characters_is_cut_in_the_table_and_whole_in_plain_rows()
    {
        List<JobSummary> jobs = [Summary(new string('x', 10_000), "alice", JobState.JobEnded, 1, 1)];
        JobsCommand.WriteTable(Screen, jobs, plain: false);
        Assert.Contains("\n" + new string('x', 47) + "…  alice", _output.ToString(), StringComparison.Ordinal);
        _output.GetStringBuilder().Clear();
        JobsCommand.WriteTable(Screen, jobs, plain: true);
        Assert.Contains("\n" + new string('x', 10_000) + "\talice", _output.ToString(), StringComparison.Ordinal);
    }

    private static JobSummary Summary(string job, string user, JobState state, long hosts, long processes)
    {
        long start = DateTimeOffset.Parse("2026-11-23T11:00:00Z", System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds() * 1_000_000_000L;
        return new JobSummary("default", job, 1, state, user, hosts, processes, 0, 0, start, start + (30_000_000_000L), null, null);
    }

    private static byte[] Frame(string path)
    {
        var process = new ProcessInfo { Binpath = path, Pid = 7, JobId = "J", Hostname = "n" };
        return Sinks.Frames.Frame(process);
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
