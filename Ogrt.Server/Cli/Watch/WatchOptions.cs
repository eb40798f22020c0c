using System.CommandLine;

namespace Ogrt.Server.Cli.Watch;

/// <summary>The options of the commands that look at the running server again and again.</summary>
internal static class WatchOptions
{
    private const double Least = 0.1, Most = 3600;

    /// <summary><c>-d SECONDS</c>.</summary>
    public static Option<double> Delay(double seconds)
    {
        var option = new Option<double>("--delay", "-d")
        {
            Description = $"Seconds between two looks, {Least} to {Most}.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => seconds,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (!double.TryParse(result.Tokens[0].Value, System.Globalization.CultureInfo.InvariantCulture, out double value) || value is < Least or > Most))
                result.AddError($"--delay takes seconds from {Least} to {Most}, not '{result.Tokens[0].Value}'.");
        });
        return option;
    }

    /// <summary><c>-n COUNT</c>.</summary>
    public static Option<int> Count() => new("--count", "-n")
    {
        Description = "Look so many times, then end; 0 goes on until stopped.",
        HelpName = "COUNT",
    };
}
