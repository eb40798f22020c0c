namespace Ogrt.Sinks;

/// <summary>What the errors of files mean for a sink that writes them. docs/sinks-json.md has the table.</summary>
internal static class FileVerdicts
{
    // .NET hands the errno on as HResult. These are Linux's numbers (https://man7.org/linux/man-pages/man3/errno.3.html).
    private const int EExist = 17;
    private const int ENotDir = 20;
    private const int EIsDir = 21;
    private const int ENFile = 23;
    private const int EMFile = 24;
    private const int EFBig = 27;
    private const int ENoSpc = 28;
    private const int ERofs = 30;
    private const int ELoop = 40;
    private const int EDQuot = 122;

    /// <summary>Whether an exception is one of those that files answer with, and no defect.</summary>
    public static bool Knows(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };

    /// <summary>The verdict on such an exception.</summary>
    public static SinkVerdict Of(Exception e) => e switch
    {
        UnauthorizedAccessException => SinkVerdict.Pause("not_writable", e.Message),
        DirectoryNotFoundException or PathTooLongException => SinkVerdict.Pause("no_directory", e.Message),
        FileReplacedException => SinkVerdict.Retry("replaced", e.Message),
        // What .NET makes of EFBIG.
        ArgumentOutOfRangeException => SinkVerdict.Pause("file_too_large", e.Message),
        _ => e.HResult switch
        {
            ENoSpc or EDQuot => SinkVerdict.Pause("disk_full", e.Message),
            ENotDir or EExist or EIsDir or ELoop => SinkVerdict.Pause("no_directory", e.Message),
            ERofs => SinkVerdict.Pause("not_writable", e.Message),
            EFBig => SinkVerdict.Pause("file_too_large", e.Message),
            EMFile or ENFile => SinkVerdict.Retry("too_many_open_files", e.Message),
            _ => SinkVerdict.Retry("io_error", e.Message),
        },
    };
}
