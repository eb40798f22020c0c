using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Ogrt.Actors.Cluster;
using Ogrt.Actors.Jobs;
using Ogrt.Actors.Jobs.Protocol;
using Ogrt.Specs.Cluster.Lab;
using Ogrt.Wire;

namespace Ogrt.Bench.Jobs;

/// <summary>What it costs a job that each of its saves is confirmed against its claim: one save after the other into each store that
/// several nodes can share.</summary>
internal static class FencingCost
{
    private const string Job = "default/1";
    private const int WarmUp = 200, Saves = 1000;

    /// <summary>Runs it with trees of some sizes.</summary>
    public static async Task<int> RunAsync()
    {
        Console.WriteLine($"{"store",-18}{"processes",10}{"bytes",10}{"save ms",10}{"confirm ms",12}{"claim ms",10}");
        foreach (int processes in new[] { 100, 10_000 })
        {
            DirectoryInfo directory = Directory.CreateTempSubdirectory("ogrt-");
            try
            {
                await MeasureAsync("shared-directory", $"store = shared-directory\ndirectory = \"{directory.FullName}\"", processes);
            }
            finally
            {
                directory.Delete(recursive: true);
            }
            if (PostgreSqlServer.Missing.Length > 0)
            {
                Console.WriteLine($"({PostgreSqlServer.Missing})");
                continue;
            }
            await using PostgreSqlServer database = await PostgreSqlServer.StartAsync();
            await MeasureAsync("postgresql", $"store = postgresql\npostgresql.connection = \"{database.Connection}\"", processes);
        }
        return 0;
    }

    private static async Task MeasureAsync(string store, string settings, int processes)
    {
        Config config = OgrtCluster.Config(ConfigurationFactory.ParseString($"ogrt.jobs.snapshots {{\n{settings}\n}}\nogrt.cluster-node.port = 0\nakka.loglevel = WARNING"));
        JobSettings jobs = JobSettings.Create(config);
        ActorSystem system = OgrtCluster.CreateSystem(config);
        await using IJobClaims claims = JobClaims.Create(jobs);
        try
        {
            await claims.AgreeAsync(CancellationToken.None);
            long epoch = await claims.ClaimAsync(Job);
            IActorRef snapshots = Persistence.Instance.Apply(system).SnapshotStoreFor("");
            (JobSnapshot snapshot, int bytes) = Snapshot(processes);
            string id = claims.PersistenceIdOf(Job);
            List<double> saves = [], confirmations = [], claimed = [];
            for (int n = 1; n <= WarmUp + Saves; n++)
            {
                long start = Stopwatch.GetTimestamp();
                object answer = await snapshots.Ask<object>(new SaveSnapshot(new SnapshotMetadata(id, n, DateTime.UtcNow), snapshot));
                double saved = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                if (answer is not SaveSnapshotSuccess || !await claims.ConfirmAsync(Job, epoch, isOver: false))
                    throw new InvalidOperationException($"It was not saved, or not confirmed: {answer}");
                double confirmed = Stopwatch.GetElapsedTime(start).TotalMilliseconds - saved;
                snapshots.Tell(new DeleteSnapshots(id, new SnapshotSelectionCriteria(n - 2)), ActorRefs.Nobody);
                if (n <= WarmUp)
                    continue;
                saves.Add(saved);
                confirmations.Add(confirmed);
            }
            for (int n = 0; n < WarmUp; n++)
            {
                long start = Stopwatch.GetTimestamp();
                await claims.ClaimAsync($"default/{n + 2}");
                claimed.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{store,-18}{processes,10}{bytes,10}{Median(saves),10:F2}{Median(confirmations),12:F2}{Median(claimed),10:F2}"));
        }
        finally
        {
            await system.Terminate();
        }
    }

    private static (JobSnapshot Snapshot, int Bytes) Snapshot(int processes)
    {
        var job = new Job(JobLimits.Default);
        var frame = new PatchedFrame("frame-mpi");
        for (int n = 0; n < processes; n++)
        {
            frame.Next();
            job.Apply(frame.Bytes, WireLayout.Current, 1, out _);
        }
        var snapshot = new JobSnapshot();
        job.SaveTo(snapshot);
        return (snapshot, snapshot.CalculateSize());
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
