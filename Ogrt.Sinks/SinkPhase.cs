namespace Ogrt.Sinks;

/// <summary>What a sink is doing.</summary>
public enum SinkPhase
{
    /// <summary>The target is being opened.</summary>
    Starting = 0,

    /// <summary>Records are delivered as they come.</summary>
    Running,

    /// <summary>The target does not take records now; they are sent again.</summary>
    Retrying,

    /// <summary>The target refuses because of a configuration; somebody has to change something.</summary>
    Paused,

    /// <summary>A record was refused and the store of dead letters has no room for it.</summary>
    DeadLettersFull,

    /// <summary>The delivery met an error of its own and starts anew.</summary>
    Failed,

    /// <summary>The sink was stopped.</summary>
    Stopped,
}
