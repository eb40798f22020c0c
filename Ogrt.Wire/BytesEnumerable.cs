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
        private MessageFields _fields;

        internal Enumerator(ReadOnlySpan<byte> bytes, uint tag)
        {
            _tag = tag;
            _fields = new MessageFields(bytes);
        }

        /// <summary>The element's bytes, in place.</summary>
        public readonly ReadOnlySpan<byte> Current => _fields.Bytes;

        /// <summary>Goes to the next element.</summary>
        /// <returns>False behind the last one.</returns>
        public bool MoveNext()
        {
            while (_fields.MoveNext())
            {
                if (_fields.Tag == _tag) return true;
            }

            return false;
        }
    }
}
