namespace Ogrt.Wire;

/// <summary>The objects that the dynamic linker had loaded, in the order in which they were sent.</summary>
public readonly ref struct SharedObjectEnumerable
{
    private readonly BytesEnumerable _messages;

    internal SharedObjectEnumerable(ReadOnlySpan<byte> payload, scoped in RepeatedField field) =>
        _messages = new BytesEnumerable(payload, field);

    /// <summary>How many there are.</summary>
    public int Count => _messages.Count;

    /// <summary>Begins an enumeration; allocates nothing.</summary>
    /// <returns>An enumerator before the first element.</returns>
    public Enumerator GetEnumerator() => new(_messages.GetEnumerator());

    /// <summary>Walks over the messages.</summary>
    public ref struct Enumerator
    {
        private BytesEnumerable.Enumerator _messages;

        internal Enumerator(BytesEnumerable.Enumerator messages) => _messages = messages;

        /// <summary>The message at this place.</summary>
        public readonly SharedObjectView Current => new(_messages.Current);

        /// <summary>Goes to the next message.</summary>
        /// <returns>False behind the last one.</returns>
        public bool MoveNext() => _messages.MoveNext();
    }
}
