using Ogrt.Wire;

namespace Ogrt.Actors.Jobs;

/// <summary>A program image: numbers of its path and signature, and of its lists of shared objects and modules.</summary>
/// <param name="Path">A text; -1 in the image that stands for all those that found no room.</param>
/// <param name="Signature">A text, -1 without one.</param>
/// <param name="Objects">A list of texts: paths of shared objects.</param>
/// <param name="Modules">A list of texts: names of modules.</param>
internal readonly record struct Image(int Path, int Signature, int Objects, int Modules);

/// <summary>A chain is a shorter chain and one image more.</summary>
internal readonly record struct ChainLink(int Previous, int Image);

/// <summary>
/// The images and exec chains of one tree, each held once and known by a number. A program that has run before is found by
/// the hash of its repeated fields, without a look at them.
/// </summary>
internal sealed class ImageTable
{
    /// <summary>The image that stands for those that found no room in the table.</summary>
    public const int OtherImage = 0;

    /// <summary>The chain of a process without an image.</summary>
    public const int NoChain = 0;

    /// <summary>The chain that stands for those that found no room.</summary>
    public const int OtherChain = 1;

    private JobLimits _limits;
    private readonly Dictionary<int[], int> _listNumbers = new(ListComparer.Instance);
    private readonly Dictionary<ulong, int> _listsByHash = [];
    private readonly Dictionary<Image, int> _imageNumbers = [];
    private readonly Dictionary<ChainLink, int> _chainNumbers = [];
    private long _listItems;

    public ImageTable(JobLimits limits)
    {
        _limits = limits;
        Texts = new TextTable(limits.MaxTexts, limits.MaxTextBytes);
        Lists.Add([]);
        _listNumbers.Add([], 0);
        Images.Add(new Image(-1, -1, 0, 0));
        Chains.Add(default);
        Chains.Add(default);
    }

    public TextTable Texts { get; }

    public List<int[]> Lists { get; } = [];

    public List<Image> Images { get; } = [];

    public List<ChainLink> Chains { get; } = [];

    /// <summary>Entries of all tables: what compaction makes smaller.</summary>
    public int Size => Texts.Count + Lists.Count + Images.Count + Chains.Count;

    /// <summary>From now on the table takes no more than this, whatever it holds already.</summary>
    public void Limit(JobLimits limits)
    {
        _limits = limits;
        Texts.Limit(limits.MaxTexts, limits.MaxTextBytes);
    }

    /// <summary>The number of a process's image; false when the table is full.</summary>
    public bool TryIntern(in ProcessInfoView process, out int image)
    {
        image = OtherImage;
        int signature = -1;
        if (!Texts.TryIntern(process.Binpath, out int path)
            || (!process.Signature.IsEmpty && !Texts.TryIntern(process.Signature, out signature))
            || !TryInternObjects(process, out int objects)
            || !TryInternModules(process, out int modules))
        {
            return false;
        }
        return TryIntern(new Image(path, signature, objects, modules), out image);
    }

    public bool TryIntern(in Image value, out int image)
    {
        if (_imageNumbers.TryGetValue(value, out image))
            return true;
        if (Images.Count >= _limits.MaxTexts)
            return false;
        image = Images.Count;
        Images.Add(value);
        _imageNumbers.Add(value, image);
        return true;
    }

    /// <summary>The number of a chain with one image more; that of all others when the table is full.</summary>
    public int InternChain(int previous, int image)
    {
        if (previous == OtherChain || image == OtherImage)
            return OtherChain;
        var link = new ChainLink(previous, image);
        if (_chainNumbers.TryGetValue(link, out int chain))
            return chain;
        if (Chains.Count >= _limits.MaxTexts)
            return OtherChain;
        chain = Chains.Count;
        Chains.Add(link);
        _chainNumbers.Add(link, chain);
        return chain;
    }

    public bool TryInternList(int[] items, out int list)
    {
        if (_listNumbers.TryGetValue(items, out list))
            return true;
        // A list has some tens of items, so that this bounds the lists together as the count bounds the texts.
        if (Lists.Count >= _limits.MaxTexts || _listItems + items.Length > 16L * _limits.MaxTexts)
            return false;
        list = Lists.Count;
        Lists.Add(items);
        _listItems += items.Length;
        _listNumbers.Add(items, list);
        return true;
    }

    private bool TryInternObjects(in ProcessInfoView process, out int list)
    {
        list = 0;
        int count = process.SharedObjects.Count;
        if (count == 0)
            return true;
        ulong hash = process.SharedObjectsHash();
        if (_listsByHash.TryGetValue(hash, out list))
            return true;

        var items = new int[count];
        int i = 0;
        foreach (SharedObjectView shared in process.SharedObjects)
            if (!Texts.TryIntern(shared.Path, out items[i++]))
                return false;
        return Remember(hash, items, out list);
    }

    private bool TryInternModules(in ProcessInfoView process, out int list)
    {
        list = 0;
        int count = process.LoadedModules.Count;
        if (count == 0)
            return true;
        ulong hash = process.LoadedModulesHash();
        if (_listsByHash.TryGetValue(hash, out list))
            return true;

        var items = new int[count];
        int i = 0;
        foreach (ModuleView module in process.LoadedModules)
            if (!Texts.TryIntern(module.Name, out items[i++]))
                return false;
        return Remember(hash, items, out list);
    }

    private bool Remember(ulong hash, int[] items, out int list)
    {
        if (!TryInternList(items, out list))
            return false;
        if (_listsByHash.Count >= _limits.MaxTexts)
            _listsByHash.Clear();
        _listsByHash.Add(hash, list);
        return true;
    }

    private sealed class ListComparer : IEqualityComparer<int[]>
    {
        public static readonly ListComparer Instance = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] list)
        {
            var hash = new HashCode();
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(list));
            return hash.ToHashCode();
        }
    }
}
