namespace Ogrt.Bench.Wire;

/// <summary>The frames that the specs use too: recorded from OGRT's own preload library.</summary>
public static class RecordedFrames
{
    public static byte[] Read(string name)
    {
        using Stream stream = typeof(RecordedFrames).Assembly.GetManifestResourceStream($"Ogrt.Bench.Wire.{name}.bin")
            ?? throw new FileNotFoundException(name);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
