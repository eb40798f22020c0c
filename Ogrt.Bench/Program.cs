using System.Reflection;
using BenchmarkDotNet.Running;
using Ogrt.Bench.Backlog;
using Ogrt.Bench.Cluster;
using Ogrt.Bench.Ingest;
using Ogrt.Bench.Jobs;
using Ogrt.Bench.Sinks;
using Ogrt.Bench.Journal;
using Ogrt.Bench.WholeSystem;
using Ogrt.Specs.Soak;

// Nothing, or system …: the whole-system benchmark; load …: its load generator alone; bulk PORT: its Elasticsearch end; ingest PORT COUNT: receiving alone;
// cluster [seeds|alias] [NODES]: a cluster to look at, until Ctrl-C; nodes …: what a cluster costs and how long its changes take;
// fencing: what a job pays for confirming its saves; journal [DIRECTORY]: processor time of an append and a read; delivery …: that of the way from the journal to Elasticsearch; backlog stop|drain …: what a sink that is away costs; soak …: faults without
// end and the oracle of delivery (./build.sh soak); else the micro benchmarks, with the arguments of BenchmarkDotNet (--filter '*').
return args switch
{
    [] => await WholeSystemBenchmark.RunAsync([]),
    ["system", ..] => await WholeSystemBenchmark.RunAsync(args[1..]),
    ["load", ..] => LoadGenerator.Run(args.AsSpan(1)),
    ["bulk", ..] => BulkEnd.Run(args.AsSpan(1)),
    ["ingest", ..] => await ReceiveBench.RunAsync(args[1..]),
    ["cluster", ..] => await ClusterDemo.RunAsync(args[1..]),
    ["nodes", ..] => await NodesProgram.RunAsync(args[1..]),
    ["journal", ..] => JournalCost.Run(args[1..]),
    ["delivery", ..] => await DeliveryCost.RunAsync(args[1..]),
    ["fencing"] => await FencingCost.RunAsync(),
    ["backlog", ..] => await BacklogProgram.RunAsync(args[1..]),
    ["soak", ..] => await SoakProgram.RunAsync(args[1..]),
    _ => Micro(args),
};

static int Micro(string[] args)
{
    BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
    return 0;
}
