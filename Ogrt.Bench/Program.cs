using System.Reflection;
using BenchmarkDotNet.Running;
using Ogrt.Bench.Ingest;
using Ogrt.Bench.Sinks;
using Ogrt.Bench.Journal;
using Ogrt.Bench.WholeSystem;

// Nothing, or system …: the whole-system benchmark; load …: its load generator alone; bulk PORT: its Elasticsearch end; ingest PORT COUNT: receiving alone;
// journal [DIRECTORY]: processor time of an append and a read; delivery …: that of the way from the journal to Elasticsearch; else the micro benchmarks, with the arguments of BenchmarkDotNet (--filter '*').
return args switch
{
    [] => await WholeSystemBenchmark.RunAsync([]),
    ["system", ..] => await WholeSystemBenchmark.RunAsync(args[1..]),
    ["load", ..] => LoadGenerator.Run(args.AsSpan(1)),
    ["bulk", ..] => BulkEnd.Run(args.AsSpan(1)),
    ["ingest", ..] => await ReceiveBench.RunAsync(args[1..]),
    ["journal", ..] => JournalCost.Run(args[1..]),
    ["delivery", ..] => await DeliveryCost.RunAsync(args[1..]),
    _ => Micro(args),
};

static int Micro(string[] args)
{
    BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
    return 0;
}
