using System.Reflection;
using BenchmarkDotNet.Running;

// `dotnet run -c Release --project Ogrt.Bench -- --filter '*'`: the micro benchmarks.
BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
