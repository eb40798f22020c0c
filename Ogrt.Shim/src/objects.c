#include "objects.h"

#include "syscalls.h"

#include <errno.h>

enum {
    /* A list that goes on behind this many is damaged or a circle. */
    MAX_OBJECTS = 16384,
    /* The headers of an object must lie in its first page: that is as much as one probe has shown to be readable.
     * Linkers put them there, right behind the ELF header, and 64 of them fit. */
    HEADER_PAGE = 4096,
    /* A program and its objects are of one class. */
    OWN_CLASS = sizeof(uintptr_t) == 8 ? ELFCLASS64 : ELFCLASS32,
};

/* This library's own headers; the linker defines it. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));

/* Asks the kernel, because l_addr is the address of the headers only where the object was linked at 0. Of two objects
 * it is known. */
static bool readable(uintptr_t address, uintptr_t linker)
{
    if (address && (address == linker || address == (uintptr_t)__ehdr_start))
        return true;
    return address && address % HEADER_PAGE == 0 && sys_futex_wait_never((const void *)address, 0) != -EFAULT;
}

static const ElfW(Phdr) * find(const struct image *image, unsigned type)
{
    for (size_t i = 0; i < image->count; i++)
        if (image->headers[i].p_type == type)
            return &image->headers[i];
    return NULL;
}

static bool is_elf(const ElfW(Ehdr) * header)
{
    return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_ident[EI_CLASS] == OWN_CLASS &&
           header->e_phentsize == sizeof(ElfW(Phdr)) && header->e_phoff <= HEADER_PAGE &&
           header->e_phoff % sizeof(uintptr_t) == 0 &&
           header->e_phnum <= (HEADER_PAGE - header->e_phoff) / sizeof(ElfW(Phdr));
}

/* False where the headers cannot be had or are not those of this object: their dynamic section must be the one that
 * the dynamic linker uses. */
static bool image_of(struct image *image, const struct link_map *map, uintptr_t linker)
{
    if (!readable(map->l_addr, linker))
        return false;
    const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)map->l_addr;
    if (!is_elf(header))
        return false;
    *image = (struct image){map->l_addr, (const ElfW(Phdr) *)(map->l_addr + header->e_phoff), header->e_phnum};
    const ElfW(Phdr) *dynamic = find(image, PT_DYNAMIC);
    return dynamic && map->l_addr + dynamic->p_vaddr == (uintptr_t)map->l_ld;
}

static struct image executable_of(const struct process_vector *vector)
{
    unsigned long headers, count, size;
    struct image image = {0, NULL, 0};
    if (!vector_auxiliary(vector, AT_PHDR, &headers) || !vector_auxiliary(vector, AT_PHNUM, &count) ||
        !vector_auxiliary(vector, AT_PHENT, &size) || size != sizeof(ElfW(Phdr)) || !headers)
        return image;
    image.headers = (const ElfW(Phdr) *)headers;
    image.count = count;
    const ElfW(Phdr) *self = find(&image, PT_PHDR);
    if (self)
        image.bias = headers - self->p_vaddr;
    return image;
}

static const struct link_map *first_map(const struct image *executable)
{
    const ElfW(Phdr) *dynamic = find(executable, PT_DYNAMIC);
    if (!dynamic)
        return NULL;
    for (const ElfW(Dyn) *entry = (const ElfW(Dyn) *)(executable->bias + dynamic->p_vaddr); entry->d_tag != DT_NULL;
         entry++)
        if (entry->d_tag == DT_DEBUG) {
            const struct r_debug *debug = (const struct r_debug *)entry->d_un.d_ptr;
            return debug ? debug->r_map : NULL;
        }
    return NULL;
}

const struct link_map *objects_first(const struct process_vector *vector)
{
    struct image executable = executable_of(vector);
    return first_map(&executable);
}

void objects_open(struct objects *objects, const struct process_vector *vector)
{
    unsigned long vdso = 0, linker = 0;
    vector_auxiliary(vector, AT_BASE, &linker);
    vector_auxiliary(vector, AT_SYSINFO_EHDR, &vdso);
    objects->executable = executable_of(vector);
    objects->next = first_map(&objects->executable);
    objects->linker = linker;
    objects->vdso = vdso;
    objects->seen = 0;
    if (objects->next) /* the first entry is the executable, whose name is empty */
        objects->next = objects->next->l_next;
}

/* The kernel's object is linked at 0 today, but was not always; then its dynamic section tells. */
static bool is_vdso(const struct objects *objects, const struct link_map *map)
{
    uintptr_t dynamic = (uintptr_t)map->l_ld;
    return objects->vdso &&
           (map->l_addr == objects->vdso || (dynamic >= objects->vdso && dynamic - objects->vdso < HEADER_PAGE));
}

bool objects_next(struct objects *objects, struct object *object)
{
    while (objects->next && objects->seen++ < MAX_OBJECTS) {
        const struct link_map *map = objects->next;
        objects->next = map->l_next;
        if (is_vdso(objects, map) || !map->l_name || !*map->l_name)
            continue;
        struct image image;
        object->path = text_of(map->l_name);
        object->notes = (struct notes){{NULL, 0}, {NULL, 0}};
        if (image_of(&image, map, objects->linker))
            object->notes = notes_of(&image);
        return true;
    }
    return false;
}
