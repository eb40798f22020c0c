namespace Ogrt.Sinks.Local;

/// <summary>The kinds of what a job has used: column kind of table job_use.</summary>
internal enum StoreUse
{
    Host = 1,
    User = 2,
    Executable = 3,
    ObjectList = 4,
    ModuleList = 5,
}
