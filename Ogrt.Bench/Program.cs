using System.Reflection;
using BenchmarkDotNet.Running;
using Ogrt.Bench.Ingest;
using Ogrt.Bench.Journal;

// `dotnet run -c Release --project Ogrt.Bench -- --filter '*'`: the micro benchmarks.
// `… -- ingest PORT COUNT`: receives from a load generator; see ReceiveBench.
// `… -- journal [DIRECTORY]`: processor time of an append and a read.
if (args is ["journal", ..]) return JournalCost.Run(args[1..]);
if (args is ["ingest", ..]) return await ReceiveBench.RunAsync(args[1..]);
BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
return 0;
