// The build. `./build.sh help` lists the targets; this file says what each of them does.

#load "Ogrt.Server/demo/demo.cake"

public sealed class BuildParameters
{
    public required string Configuration { get; init; }
    public required string SpecFilter { get; init; }
    public required string[] PassedOn { get; init; }
    public required string FuzzSeconds { get; init; }
    public required DirectoryPath Root { get; init; }

    public FilePath Solution => Root.CombineWithFilePath("Ogrt.slnx");
    public DirectoryPath ShimSource => Root.Combine("Ogrt.Shim");
    public DirectoryPath Var => Root.Combine("var");
    public DirectoryPath ShimPrefix => Var.Combine("shim");

    // Whose programs may say themselves where they send to.
    public DirectoryPath TryShimPrefix => Var.Combine("cluster");
    public DirectoryPath FuzzFolder => Var.Combine("fuzz");
    public FilePath Report => Var.Combine("test").CombineWithFilePath("report.xml");
    public FilePath Summary => Var.Combine("test").CombineWithFilePath("summary.txt");

    public FilePath Program(string project, string name) =>
        Root.Combine(project).Combine("bin").Combine(Configuration).Combine("net10.0").CombineWithFilePath(name);

    // A text that begins with a slash is a query of xunit's own language, any other a part of a class name.
    public IEnumerable<string> SpecArguments =>
        (SpecFilter switch
        {
            "" => [],
            ['/', ..] => ["-filter", SpecFilter],
            _ => new[] { "-class", $"*{SpecFilter}*" },
        }).Concat(PassedOn);

    // Out of the source folder, so that several configurations of the library can stand beside each other.
    public void InstallShim(ICakeContext context, DirectoryPath prefix, params string[] options)
    {
        DirectoryPath objects = prefix.Combine("build");
        context.EnsureDirectoryExists(objects);
        Run(context, ShimSource.CombineWithFilePath("configure"), ["--prefix=" + prefix, .. options], objects);
        Run(context, "make", ["--silent", "install"], objects);
    }

    public static void Run(ICakeContext context, FilePath program, IEnumerable<string> arguments, DirectoryPath directory)
    {
        int exitCode = Start(context, program, arguments, directory);
        if (exitCode != 0) throw new CakeException($"{program} ended with exit code {exitCode}.");
    }

    public static int Start(ICakeContext context, FilePath program, IEnumerable<string> arguments, DirectoryPath directory)
    {
        var line = new ProcessArgumentBuilder();
        foreach (string argument in arguments) line.AppendQuoted(argument);
        return context.StartProcess(program, new ProcessSettings { Arguments = line, WorkingDirectory = directory });
    }

    public static BuildParameters Create(ICakeContext context) => new()
    {
        Configuration = context.Argument("configuration", "Release"),
        SpecFilter = context.EnvironmentVariable("OGRT_BUILD_SPEC_FILTER") ?? "",
        PassedOn = (context.EnvironmentVariable("OGRT_BUILD_PASSED_ON") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries),
        FuzzSeconds = context.EnvironmentVariable("OGRT_BUILD_FUZZ_SECONDS") ?? "180",
        Root = context.MakeAbsolute(context.Directory(".")),
    };
}

Setup<BuildParameters>(BuildParameters.Create);

void BuildDotNet(BuildParameters build, FilePath project) =>
    DotNetBuild(project.FullPath, new DotNetBuildSettings
    {
        Configuration = build.Configuration,
        Verbosity = DotNetVerbosity.Quiet,
        NoLogo = true,
    });

Task("Clean-Output")
    .Does<BuildParameters>(build =>
    {
        CleanDirectories(build.Root + "/Ogrt.*/bin");
        CleanDirectories(build.Root + "/Ogrt.*/obj");
        CleanDirectories(build.Root + "/Ogrt.Specs/*/bin");
        CleanDirectories(build.Root + "/Ogrt.Specs/*/obj");
        CleanDirectory(build.Var);
    });

Task("Build-Server")
    .Does<BuildParameters>(build => BuildDotNet(build, build.Root.CombineWithFilePath("Ogrt.Server/Ogrt.Server.csproj")));

Task("Build-Solution")
    .Does<BuildParameters>(build => BuildDotNet(build, build.Solution));

Task("Build-Shim")
    .Does<BuildParameters>(build => build.InstallShim(Context, build.ShimPrefix));

Task("Build-Shim-To-Try")
    .Does<BuildParameters>(build => build.InstallShim(Context, build.TryShimPrefix, "--allow-env=OGRT_SERVERS"));

Task("Run-Specs")
    .IsDependentOn("Build-Solution")
    .IsDependentOn("Build-Shim")
    .Does<BuildParameters>(build =>
    {
        EnsureDirectoryExists(build.Report.GetDirectory());
        foreach (FilePath old in new[] { build.Report, build.Summary })
            if (FileExists(old)) DeleteFile(old);

        int exitCode = BuildParameters.Start(
            Context,
            build.Program("Ogrt.Specs", "Ogrt.Specs"),
            ["-xml", build.Report.FullPath, "-noLogo", .. Console.IsOutputRedirected ? new[] { "-noColor" } : [], .. build.SpecArguments],
            build.Root);

        if (!FileExists(build.Report))
            throw new CakeException($"The spec runner ended with exit code {exitCode} and left no report.");
        SpecSummary summary = SpecSummary.Read(build.Report.FullPath);
        foreach (string failure in summary.Failures) Error("FAILED {0}", failure);
        Information(summary.ToString());
        System.IO.File.WriteAllText(build.Summary.FullPath, summary + "\n");
        if (exitCode != 0 || summary.Failed > 0)
            throw new CakeException($"Specs failed: {summary}. The report is {build.Root.GetRelativePath(build.Report)}.");
        if (summary.Passed == 0) throw new CakeException("No spec ran: nothing matches the filter.");
    });

Task("Run-Benchmarks")
    .IsDependentOn("Build-Solution")
    .IsDependentOn("Build-Shim")
    .IsDependentOn("Build-Shim-To-Try")
    .Does<BuildParameters>(build =>
        BuildParameters.Run(Context, build.Program("Ogrt.Bench", "Ogrt.Bench"), build.PassedOn, build.Root));

Task("Run-Soak")
    .IsDependentOn("Build-Solution")
    .Does<BuildParameters>(build =>
        BuildParameters.Run(Context, build.Program("Ogrt.Bench", "Ogrt.Bench"), ["soak", .. build.PassedOn], build.Root));

// What the fuzzers learn stays in the folder, so that the next run goes on from there.
Task("Run-Fuzzers")
    .Does<BuildParameters>(build =>
    {
        EnsureDirectoryExists(build.FuzzFolder);
        BuildParameters.Run(Context, build.ShimSource.CombineWithFilePath("configure"), [], build.FuzzFolder);
        string[] targets = build.PassedOn.Length > 0 ? build.PassedOn : ["fuzz"];
        BuildParameters.Run(Context, "make", ["--silent", $"FUZZ_SECONDS={build.FuzzSeconds}", .. targets], build.FuzzFolder);
    });

// Every program of a folder, which the first argument that is passed on may name, with and without the preload library.
Task("Run-Differential")
    .IsDependentOn("Build-Solution")
    .Does<BuildParameters>(build =>
    {
        FilePath report = build.Var.Combine("differential").CombineWithFilePath("report.txt");
        EnsureDirectoryExists(report.GetDirectory());
        if (FileExists(report)) DeleteFile(report);
        System.Environment.SetEnvironmentVariable("OGRT_DIFFERENTIAL", "all");
        System.Environment.SetEnvironmentVariable("OGRT_DIFFERENTIAL_REPORT", report.FullPath);
        System.Environment.SetEnvironmentVariable("OGRT_DIFFERENTIAL_FOLDER", build.PassedOn.FirstOrDefault() ?? "/usr/bin");

        int exitCode = BuildParameters.Start(
            Context, build.Program("Ogrt.Specs", "Ogrt.Specs"), ["-noLogo", "-diagnostics", "-class", "*.DifferentialSpec"], build.Root);
        if (!FileExists(report)) throw new CakeException($"The programs were not compared: exit code {exitCode}.");
        foreach (string line in System.IO.File.ReadLines(report.FullPath).TakeWhile(line => line.Length > 0)) Information(line);
        Information("All of it is in {0}.", build.Root.GetRelativePath(report));
        if (exitCode != 0) throw new CakeException("The preload library changes what programs do.");
    });

Task("Run-Demo")
    .IsDependentOn("Build-Server")
    .Does<BuildParameters>(build => new Demo(Context, build).Run());

// What `./build.sh TARGET` runs.

Task("build")
    .IsDependentOn("Build-Solution")
    .IsDependentOn("Build-Shim");

Task("test").IsDependentOn("Run-Specs");

Task("bench").IsDependentOn("Run-Benchmarks");

Task("soak").IsDependentOn("Run-Soak");

Task("fuzz").IsDependentOn("Run-Fuzzers");

Task("differential").IsDependentOn("Run-Differential");

Task("demo").IsDependentOn("Run-Demo");

// build.sh then runs the laboratory itself, so that Ctrl-C reaches it and nothing in between.
Task("cluster")
    .IsDependentOn("build")
    .IsDependentOn("Build-Shim-To-Try");

Task("clean").IsDependentOn("Clean-Output");

RunTarget(Argument("target", "build"));

// The counts of an xunit report. Errors outside of a spec (a fixture that could not be disposed) count as failures.
public sealed record SpecSummary(int Passed, int Failed, int Skipped, IReadOnlyList<string> Failures)
{
    public static SpecSummary Read(string path)
    {
        System.Xml.Linq.XElement[] assemblies = System.Xml.Linq.XDocument.Load(path).Root!.Elements("assembly").ToArray();
        int Sum(string attribute) => assemblies.Sum(a => (int?)a.Attribute(attribute) ?? 0);
        return new SpecSummary(
            Sum("passed"),
            Sum("failed") + Sum("errors"),
            Sum("skipped") + Sum("not-run"),
            assemblies.SelectMany(a => a.Descendants("test")).Where(t => (string)t.Attribute("result") == "Fail")
                .Select(t => (string)t.Attribute("name") ?? "?").ToArray());
    }

    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped} skipped";
}
