using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Ogrt.Specs")]
[assembly: InternalsVisibleTo("Ogrt.Bench")]
