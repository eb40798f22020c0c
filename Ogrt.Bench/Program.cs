using System.Reflection;
using BenchmarkDotNet.Running;
using Ogrt.Bench.Ingest;

// `dotnet run -c Release --project Ogrt.Bench -- --filter '*'`: the micro benchmarks.
// `… -- ingest PORT COUNT`: receives from a load generator; see ReceiveBench.
if (args is ["ingest", ..]) return await ReceiveBench.RunAsync(args[1..]);
BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
return 0;
