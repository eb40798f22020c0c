namespace Ogrt.Wire;

/// <summary>The elements of a repeated string field, as bytes, in the order in which they were sent.</summary>
public readonly ref struct BytesEnumerable
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly uint _tag;

    internal BytesEnumerable(ReadOnlySpan<byte> payload, scoped in RepeatedField field)
    {
        _bytes = field.Span(payload);
        _tag = field.Tag;
        Count = field.Count;
    }

    /// <summary>How many elements there are.</summary>
    public int Count { get; }

    /// <summary>Begins an enumeration; allocates nothing.</summary>
    /// <returns>An enumerator before the first element.</returns>
    public Enumerator GetEnumerator() => new(_bytes, _tag);

    /// <summary>Walks over the elements and passes over what stands between them.</summary>
    public ref struct Enumerator
    {
        private readonly uint _tag;
        private WireReader _reader;
        private ReadOnlySpan<byte> _current;

        internal Enumerator(ReadOnlySpan<byte> bytes, uint tag)
        {
            _tag = tag;
            _reader = new WireReader(bytes);
        }

        /// <summary>The element's bytes, in place.</summary>
        public readonly ReadOnlySpan<byte> Current => _current;

        /// <summary>Goes to the next element.</summary>
        /// <returns>False behind the last one.</returns>
        public bool MoveNext()
        {
            while (_reader.TryReadTag(out uint tag))
            {
                if (tag == _tag) return _reader.TryReadBytes(out _current);
                if (!_reader.TrySkip(tag)) return false;
            }

            return false;
        }
    }
}
