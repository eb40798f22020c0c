using BenchmarkDotNet.Running;

// `dotnet run -c Release --project Ogrt.Bench -- --filter '*'`: the micro benchmarks.
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
