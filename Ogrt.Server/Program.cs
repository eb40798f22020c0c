using Ogrt.Server.Cli;

return await new CommandLineProgram(Terminal.OfProcess()).RunAsync(args);
