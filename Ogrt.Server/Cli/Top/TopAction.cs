namespace Ogrt.Server.Cli.Top;

/// <summary>What a key asks of the program, beside what it changes in <see cref="TopState"/>.</summary>
internal enum TopAction
{
    /// <summary>Nothing more.</summary>
    None,

    /// <summary>End.</summary>
    Quit,

    /// <summary>End as by SIGINT.</summary>
    Interrupt,

    /// <summary>Stop, as by SIGTSTP, until the shell goes on with it.</summary>
    Suspend,

    /// <summary>Draw everything anew.</summary>
    Redraw,

    /// <summary>Look half as often.</summary>
    Slower,

    /// <summary>Look twice as often.</summary>
    Faster,
}
