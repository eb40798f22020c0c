namespace Ogrt.Wire;

public ref partial struct ProcessInfoView
{
    /// <summary>Whether the start time was sent, in whatever unit.</summary>
    public readonly bool HasTime => Has(ProcessInfoField.Time) || HasTimeNs;

    /// <summary>Whether the start time was sent in nanoseconds.</summary>
    public readonly bool HasTimeNs => Has(ProcessInfoField.TimeNs);

    /// <summary>When the image started, in nanoseconds since 1970, as exactly as it was sent; 0 when it was not.</summary>
    public readonly long TimeNs => HasTimeNs ? _timeNs : UnixTime.ToNanoseconds(_time, UnitOfTime);

    /// <summary>When the image started, in milliseconds since 1970; 0 when it was not sent.</summary>
    public readonly long TimeMilliseconds =>
        HasTimeNs ? UnixTime.FloorDivide(_timeNs, 1_000_000) : UnixTime.ToMilliseconds(_time, UnitOfTime);

    /// <summary>When the image started, in seconds since 1970; 0 when it was not sent.</summary>
    public readonly long TimeSeconds => Has(ProcessInfoField.Time)
        ? UnixTime.ToSeconds(_time, UnitOfTime)
        : UnixTime.FloorDivide(_timeNs, 1_000_000_000);

    private readonly long UnitOfTime => _layout == WireLayout.Next ? UnixTime.Millisecond : UnixTime.Second;
}
