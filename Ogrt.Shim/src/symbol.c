#include "symbol.h"

#include "text.h"

enum {
    /* A list, a dynamic section or a chain that goes on behind this many is damaged or a circle. */
    MAX_OBJECTS = 16384,
    MAX_DYNAMIC = 1024,
    MAX_CHAIN = 65536,
    HIDDEN_VERSION = 0x8000, /* an older version of the symbol: only for objects that ask for it by name */
};

/* What the dynamic section of an object says about its symbols. */
struct table {
    const ElfW(Sym) * symbols;
    const char *names;
    size_t names_size;
    const ElfW(Half) * versions; /* null where the object has none */
    const uint32_t *gnu_hash;
    const uint32_t *hash;
    size_t soname; /* in names; 0 where there is none */
    unsigned type; /* of the symbols that are looked for */
};

/* This library's own dynamic section; hidden, so that its address is no relocation. */
extern ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));

/* glibc writes addresses over the offsets in most dynamic sections, musl in none. No object is loaded below its own
 * size, so an offset is below the address and an address is not. */
static const void *pointer(const struct link_map *map, uintptr_t value)
{
    return (const void *)(value < map->l_addr ? map->l_addr + value : value);
}

static void take(struct table *table, const struct link_map *map, const ElfW(Dyn) * entry)
{
    switch (entry->d_tag) {
    case DT_SYMTAB:
        table->symbols = pointer(map, entry->d_un.d_ptr);
        break;
    case DT_STRTAB:
        table->names = pointer(map, entry->d_un.d_ptr);
        break;
    case DT_STRSZ:
        table->names_size = entry->d_un.d_val;
        break;
    case DT_VERSYM:
        table->versions = pointer(map, entry->d_un.d_ptr);
        break;
    case DT_GNU_HASH:
        table->gnu_hash = pointer(map, entry->d_un.d_ptr);
        break;
    case DT_HASH:
        table->hash = pointer(map, entry->d_un.d_ptr);
        break;
    case DT_SONAME:
        table->soname = entry->d_un.d_val;
        break;
    default:
        break;
    }
}

static bool open_table(struct table *table, const struct link_map *map)
{
    *table = (struct table){.type = STT_FUNC};
    if (!map->l_ld)
        return false;
    for (size_t i = 0; i < MAX_DYNAMIC && map->l_ld[i].d_tag != DT_NULL; i++)
        take(table, map, &map->l_ld[i]);
    return table->symbols && table->names;
}

static bool is_name(const struct table *table, size_t offset, const char *name)
{
    for (; offset < table->names_size && table->names[offset] == *name; offset++, name++)
        if (!*name)
            return true;
    return false;
}

static bool is_definition(const struct table *table, uint32_t index, const char *name)
{
    const ElfW(Sym) *symbol = &table->symbols[index];
    unsigned binding = symbol->st_info >> 4, type = symbol->st_info & 0xf;
    return symbol->st_shndx != SHN_UNDEF && symbol->st_value && type == table->type &&
           (binding == STB_GLOBAL || binding == STB_WEAK) &&
           !(table->versions && table->versions[index] & HIDDEN_VERSION) && is_name(table, symbol->st_name, name);
}

static uint32_t gnu_hash_of(const char *name)
{
    uint32_t hash = 5381;
    for (; *name; name++)
        hash = hash * 33 + (unsigned char)*name;
    return hash;
}

/* Buckets, first index, words of the Bloom filter and its shift; the filter, the buckets, and the hashes of the symbols
 * from the first index on, of which the last of a bucket is odd. Gives 0, the null symbol, where there is none. */
static uint32_t find_by_gnu_hash(const struct table *table, const char *name)
{
    uint32_t buckets = table->gnu_hash[0], first = table->gnu_hash[1], words = table->gnu_hash[2];
    const ElfW(Addr) *filter = (const ElfW(Addr) *)(table->gnu_hash + 4);
    const uint32_t *bucket = (const uint32_t *)(filter + words), *hashes = bucket + buckets;
    uint32_t hash = gnu_hash_of(name);
    const unsigned bits = 8 * sizeof *filter;
    if (!buckets || !words)
        return 0;
    ElfW(Addr) word = filter[hash / bits % words];
    if (!(word >> hash % bits & word >> (hash >> table->gnu_hash[3]) % bits & 1))
        return 0;
    uint32_t index = bucket[hash % buckets];
    for (int i = 0; index >= first && i < MAX_CHAIN; i++, index++) {
        uint32_t other = hashes[index - first];
        if ((other | 1) == (hash | 1) && is_definition(table, index, name))
            return index;
        if (other & 1)
            return 0;
    }
    return 0;
}

static uint32_t hash_of(const char *name)
{
    uint32_t hash = 0;
    for (; *name; name++) {
        hash = (hash << 4) + (unsigned char)*name;
        hash = (hash ^ (hash >> 24 & 0xf0)) & 0xfffffff;
    }
    return hash;
}

/* Numbers of buckets and of symbols, the buckets, and for each symbol the next of its bucket. */
static uint32_t find_by_hash(const struct table *table, const char *name)
{
    uint32_t buckets = table->hash[0], symbols = table->hash[1];
    if (!buckets)
        return 0;
    uint32_t index = table->hash[2 + hash_of(name) % buckets];
    for (int i = 0; index && index < symbols && i < MAX_CHAIN; i++) {
        if (is_definition(table, index, name))
            return index;
        index = table->hash[2 + buckets + index];
    }
    return 0;
}

static uintptr_t find(const struct table *table, const struct link_map *map, const char *name)
{
    uint32_t index = table->gnu_hash ? find_by_gnu_hash(table, name) : table->hash ? find_by_hash(table, name) : 0;
    return index ? map->l_addr + table->symbols[index].st_value : 0;
}

uintptr_t symbol_of(const struct link_map *map, const char *name)
{
    struct table table;
    return open_table(&table, map) ? find(&table, map, name) : 0;
}

uintptr_t symbol_in(const struct link_map *first, const char *soname, const char *name)
{
    struct table table;
    const struct link_map *map = first;
    for (int seen = 0; map && seen < MAX_OBJECTS; map = map->l_next, seen++)
        if (open_table(&table, map) && table.soname && is_name(&table, table.soname, soname))
            return find(&table, map, name);
    return 0;
}

uintptr_t symbol_next(const struct link_map *first, const char *name)
{
    bool behind = false;
    const struct link_map *map = first;
    for (int seen = 0; map && seen < MAX_OBJECTS; map = map->l_next, seen++) {
        uintptr_t found = behind ? symbol_of(map, name) : 0;
        if (found)
            return found;
        behind = behind || map->l_ld == _DYNAMIC;
    }
    return 0;
}

uintptr_t symbol_variable(const struct link_map *first, const char *name)
{
    struct table table;
    const struct link_map *map = first;
    for (int seen = 0; map && seen < MAX_OBJECTS; map = map->l_next, seen++) {
        if (!open_table(&table, map))
            continue;
        table.type = STT_OBJECT;
        uintptr_t found = find(&table, map, name);
        if (found)
            return found;
    }
    return 0;
}
