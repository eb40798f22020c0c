using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Ogrt.Specs")]
