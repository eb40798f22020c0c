namespace Ogrt.Server.Cli.Top;

/// <summary>What the person before the screen has chosen. Each screen keeps its own order, filter and place.</summary>
internal sealed class TopState
{
    private readonly PerScreen[] _screens = [.. Enum.GetValues<TopScreen>().Select(screen => new PerScreen { Sort = TopTables.FirstSort(screen), Descending = TopTables.FirstSort(screen) >= 0 })];

    /// <summary>The screen that is shown.</summary>
    public TopScreen Screen { get; set; }

    /// <summary>Whether the help is shown instead.</summary>
    public bool Help { get; set; }

    /// <summary>Whether what is shown stays as it is.</summary>
    public bool Paused { get; set; }

    /// <summary>Whether numbers are shown with all of their digits.</summary>
    public bool Raw { get; set; }

    /// <summary>The filter while it is being typed; else null.</summary>
    public string? Typing { get; set; }

    /// <summary>The choices for the screen that is shown.</summary>
    public PerScreen Current => _screens[(int)Screen];

    /// <summary>Another screen, some steps on.</summary>
    public void Turn(int steps)
    {
        int count = _screens.Length;
        Screen = (TopScreen)((((int)Screen + steps) % count + count) % count);
    }

    /// <summary>The choices for one screen.</summary>
    internal sealed class PerScreen
    {
        /// <summary>The column by which it is sorted; -1 for as it comes.</summary>
        public int Sort { get; set; }

        /// <summary>Largest first.</summary>
        public bool Descending { get; set; }

        /// <summary>What rows must contain.</summary>
        public string Filter { get; set; } = "";

        /// <summary>Rows that are above the screen.</summary>
        public int Scroll { get; set; }
    }
}
