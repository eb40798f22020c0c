using System.Globalization;
using System.Text;

namespace Ogrt.Sinks.DeadLetters;

/// <summary>
/// The numbers of the dead letters that are done with, delivered after all or dropped by an operator, as ranges: letters are
/// settled in any order, and the journal that holds them gives up only whole segments from the front. Kept in a file beside
/// the letters, written anew and renamed into place. Safe for concurrent use.
/// </summary>
/// <remarks>
/// The file has one range a line, first and last number with a blank between them, after a line that says what it is and which
/// journal it belongs to: when somebody deletes the letters, their numbers begin anew, and the old file means none of them. It is
/// small: neighbouring ranges are one.
/// </remarks>
public sealed class SettledLetters
{
    private const string Title = "ogrt dead letters settled 1 ";

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly string _firstLine;
    // Ascending, and neither overlapping nor touching each other.
    private readonly List<(long First, long Last)> _ranges = [];

    private SettledLetters(string path, Guid journal)
    {
        _path = path;
        _firstLine = Title + journal.ToString("D", CultureInfo.InvariantCulture);
    }

    /// <summary>Where the file of a directory of dead letters is.</summary>
    public static string PathOf(string directory) => directory.TrimEnd(Path.DirectorySeparatorChar) + ".settled";

    /// <summary>Reads what is settled in a directory of dead letters; nothing where there is no file, or only one of another journal.</summary>
    /// <param name="directory">The directory of the dead letters.</param>
    /// <param name="journal">The identity of the journal that holds them.</param>
    /// <exception cref="IOException">The file cannot be read, or is none of these.</exception>
    public static SettledLetters Load(string directory, Guid journal)
    {
        var settled = new SettledLetters(PathOf(directory), journal);
        if (!File.Exists(settled._path))
            return settled;
        string[] lines = File.ReadAllLines(settled._path);
        if (lines.Length == 0 || !lines[0].StartsWith(Title, StringComparison.Ordinal))
            throw new IOException($"{settled._path} does not begin with \"{Title}\": it is not a list of settled dead letters, or of another version.");
        if (lines[0] != settled._firstLine)
            return settled;
        foreach (string line in lines.AsSpan(1))
        {
            string[] numbers = line.Split(' ');
            if (numbers.Length != 2
                || !long.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out long first)
                || !long.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out long last)
                || last < first)
            {
                throw new IOException($"{settled._path} has a line that is no range of numbers: \"{line}\".");
            }
            settled.Add(first, last);
        }
        return settled;
    }

    /// <summary>Whether a letter is done with.</summary>
    public bool Contains(long number)
    {
        lock (_lock)
        {
            int index = IndexOf(number);
            return index >= 0 && _ranges[index].First <= number && number <= _ranges[index].Last;
        }
    }

    /// <summary>How many letters with a number of at least <paramref name="from"/> are done with.</summary>
    public long CountFrom(long from)
    {
        lock (_lock)
            return _ranges.Sum(r => Math.Max(0, r.Last - Math.Max(r.First, from) + 1));
    }

    /// <summary>The number behind the unbroken row of settled letters that begins at <paramref name="from"/>.</summary>
    public long FirstOpenFrom(long from)
    {
        lock (_lock)
        {
            int index = IndexOf(from);
            return index >= 0 && _ranges[index].Last >= from ? _ranges[index].Last + 1 : from;
        }
    }

    /// <summary>Settles letters, and returns when that is on the disk.</summary>
    /// <exception cref="IOException">The file cannot be written; the letters are not settled.</exception>
    public void Settle(IEnumerable<long> numbers)
    {
        lock (_lock)
        {
            List<(long, long)> before = [.. _ranges];
            foreach (long number in numbers)
                Add(number, number);
            try
            {
                Save();
            }
            catch
            {
                _ranges.Clear();
                _ranges.AddRange(before);
                throw;
            }
        }
    }

    private void Add(long first, long last)
    {
        int at = IndexOf(first);
        // The neighbour in front may reach up to here.
        if (at >= 0 && _ranges[at].Last >= first - 1)
            first = Math.Min(first, _ranges[at].First);
        else
            at++;
        int end = at;
        while (end < _ranges.Count && _ranges[end].First <= last + 1)
            last = Math.Max(last, _ranges[end++].Last);
        _ranges.RemoveRange(at, end - at);
        _ranges.Insert(at, (first, last));
    }

    /// <summary>The range with the greatest first number that is not above <paramref name="number"/>; -1 where there is none.</summary>
    private int IndexOf(long number)
    {
        int low = 0, high = _ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].First <= number)
                low = middle + 1;
            else
                high = middle;
        }
        return low - 1;
    }

    private void Save()
    {
        var text = new StringBuilder(_firstLine).Append('\n');
        foreach ((long first, long last) in _ranges)
            text.Append(CultureInfo.InvariantCulture, $"{first} {last}\n");
        string temporary = _path + ".new";
        using (FileStream file = OwnerFiles.OpenOrCreate(temporary))
        {
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(text.ToString()));
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, _path, overwrite: true);
        OwnerFiles.SyncDirectory(Path.GetDirectoryName(_path)!);
    }
}
