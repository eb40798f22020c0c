namespace Ogrt.Specs.Wire;

/// <summary>Frames that OGRT's own preload library sent, each with its header.</summary>
public static class RecordedFrames
{
    /// <summary>A process of an MPI program: 33 shared objects, 5 modules.</summary>
    public static byte[] Mpi { get; } = Read("frame-mpi.bin");

    /// <summary>A shell of the job TESTJOB: 5 shared objects.</summary>
    public static byte[] Shell { get; } = Read("frame-shell.bin");

    private static byte[] Read(string name)
    {
        using Stream stream = typeof(RecordedFrames).Assembly.GetManifestResourceStream("Ogrt.Specs.Wire.frames." + name)
            ?? throw new FileNotFoundException(name);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
