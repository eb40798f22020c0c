using System.Buffers;

namespace Ogrt.Wire;

/// <summary>
/// Writes the members of one JSON object. Each name comes pre-encoded with the comma before it, its quotation marks and
/// the colon behind it, so that a member is one copy and its value; the first member drops the comma.
/// </summary>
internal ref struct JsonObject(IBufferWriter<byte> output)
{
    private JsonText _text = new(output);
    private int _skip = 1;

    /// <summary>Whether a member has been written.</summary>
    public readonly bool HasMembers => _skip == 0;

    /// <summary>Opens the object.</summary>
    public void Begin() => _text.Raw("{"u8);

    /// <summary>Closes the object.</summary>
    public void End() => _text.Raw("}"u8);

    /// <summary>Hands what was written over to the buffer writer.</summary>
    public void Flush() => _text.Flush();

    /// <summary>Writes a member whose value is a string; the name ends with the opening quotation mark.</summary>
    public void String(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        _text.Member(name[_skip..], value, "\""u8);
        _skip = 0;
    }

    /// <summary>Writes a member whose value is a string of hexadecimal digits.</summary>
    public void Hex(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Name(name);
        _text.Hex(value);
    }

    /// <summary>Writes a member whose value is a number.</summary>
    public void Number(ReadOnlySpan<byte> name, long value)
    {
        Name(name);
        _text.Number(value);
    }

    /// <summary>Writes a member whose value is a number.</summary>
    public void Number(ReadOnlySpan<byte> name, ulong value)
    {
        Name(name);
        _text.Number(value);
    }

    /// <summary>Writes a member whose value is an array of strings; the name ends with the opening bracket.</summary>
    public void Strings(ReadOnlySpan<byte> name, BytesEnumerable values)
    {
        Name(name);
        bool first = true;
        foreach (ReadOnlySpan<byte> value in values)
        {
            if (!first) _text.Raw(","u8);
            first = false;
            _text.String(value);
        }

        _text.Raw("]"u8);
    }

    /// <summary>Writes the environment as an object; the name ends with the colon.</summary>
    public void Environment(ReadOnlySpan<byte> name, BytesEnumerable variables)
    {
        Name(name);
        EnvironmentJson.Write(ref _text, variables);
    }

    /// <summary>Writes a member whose value is text already; the name ends with the colon.</summary>
    public void Raw(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Name(name);
        _text.Raw(value);
    }

    /// <summary>Writes an array of shared objects.</summary>
    public void SharedObjects(ReadOnlySpan<byte> name, SharedObjectEnumerable objects)
    {
        Name(name);
        RepeatedJson.Write(ref _text, objects);
    }

    /// <summary>Writes an array of modules.</summary>
    public void Modules(ReadOnlySpan<byte> name, ModuleEnumerable modules)
    {
        Name(name);
        RepeatedJson.Write(ref _text, modules);
    }

    private void Name(ReadOnlySpan<byte> name)
    {
        _text.Raw(name[_skip..]);
        _skip = 0;
    }
}
