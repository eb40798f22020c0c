using Akka.Configuration;

namespace Ogrt.Sinks;

/// <summary>The embedded reference.conf of this project: every key with its default.</summary>
public static class SinksReference
{
    /// <summary>Its text.</summary>
    public static string Text
    {
        get
        {
            using Stream stream = typeof(SinksReference).Assembly.GetManifestResourceStream("Ogrt.Sinks.reference.conf")!;
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }

    /// <summary>It, parsed.</summary>
    public static Config Config => ConfigurationFactory.ParseString(Text);
}
