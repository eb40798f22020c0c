namespace Ogrt.Actors.Jobs;

/// <summary>
/// Copies what is still used of an image table into a new one: how a table that has filled with the images of collapsed
/// and forgotten processes gets room again.
/// </summary>
internal sealed class ImageTableCopy(ImageTable from, ImageTable to)
{
    private readonly int[] _images = Unknown(from.Images.Count);
    private readonly int[] _chains = Unknown(from.Chains.Count);
    private readonly int[] _lists = Unknown(from.Lists.Count);

    /// <summary>The new number of an image.</summary>
    public int Image(int image)
    {
        if (image == ImageTable.OtherImage)
            return image;
        if (_images[image] >= 0)
            return _images[image];
        Image old = from.Images[image];
        // There is room: the new table has the limits of the old one, and no more goes in.
        _ = to.TryIntern(new Image(Text(old.Path), Text(old.Signature), List(old.Objects), List(old.Modules)), out int copy);
        return _images[image] = copy;
    }

    /// <summary>The new number of a chain.</summary>
    public int Chain(int chain)
    {
        if (chain is ImageTable.NoChain or ImageTable.OtherChain)
            return chain;
        if (_chains[chain] >= 0)
            return _chains[chain];
        // At most ProcessEntry.MaxImages deep.
        ChainLink old = from.Chains[chain];
        return _chains[chain] = to.InternChain(Chain(old.Previous), Image(old.Image));
    }

    private int Text(int text)
    {
        if (text < 0)
            return text;
        _ = to.Texts.TryIntern(from.Texts[text], out int copy);
        return copy;
    }

    private int List(int list)
    {
        if (_lists[list] >= 0)
            return _lists[list];
        _ = to.TryInternList(Array.ConvertAll(from.Lists[list], Text), out int copy);
        return _lists[list] = copy;
    }

    private static int[] Unknown(int count)
    {
        var map = new int[count];
        Array.Fill(map, -1);
        return map;
    }
}
