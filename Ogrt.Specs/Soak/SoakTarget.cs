namespace Ogrt.Specs.Soak;

/// <summary>A target of the run: how a sink is made to deliver there, which faults it can have, and what it holds in the end.</summary>
internal abstract class SoakTarget : IAsyncDisposable
{
    /// <summary>The sink's name.</summary>
    public abstract string Sink { get; }

    /// <summary>The sink's settings, each KEY=VALUE below its block.</summary>
    public abstract IEnumerable<string> Settings { get; }

    /// <summary>Whether the target keeps each record once, by its id.</summary>
    public virtual bool HasIds => false;

    /// <summary>Whether it keeps only the newest record of a job.</summary>
    public virtual bool KeepsNewestJobOnly => false;

    /// <summary>Whether it refuses poison for good.</summary>
    public virtual bool RefusesPoison => false;

    /// <summary>The faults that it can have.</summary>
    public virtual IReadOnlyList<FaultKind> Faults => [];

    /// <summary>How often the present fault has been felt: requests that met it. Null where only the sink can tell.</summary>
    public virtual int? Felt => null;

    /// <summary>Begins a fault, one of <see cref="Faults"/>.</summary>
    public virtual Task BeginAsync(FaultKind fault) => throw new NotSupportedException($"{Sink} cannot have the fault {fault}.");

    /// <summary>Ends the fault.</summary>
    public virtual Task EndAsync() => Task.CompletedTask;

    /// <summary>Where a record belongs by its time and its arrival, as <see cref="Found.Place"/> says it.</summary>
    public virtual string? PlaceOf(long timeNs, long arrivalNs) => null;

    /// <summary>Everything that is there, after the server has stopped.</summary>
    public abstract IAsyncEnumerable<Found> ReadAsync(string dataDirectory, NumberedFrames frames, Ledger ledger);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
