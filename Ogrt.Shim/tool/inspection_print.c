#include "inspection_print.h"

#include "say.h"
#include "target.h"

#include <elf.h>
#include <string.h>
#include <time.h>

static const char *type_name(const struct inspection *inspection)
{
    switch (inspection->elf.type) {
    case ET_REL:
        return "object file";
    case ET_EXEC:
        return "executable";
    case ET_DYN:
        return inspection->interpreted ? "position-independent executable" : "shared object";
    case ET_CORE:
        return "dump";
    default:
        return "unknown kind";
    }
}

static const char *machine_name(const struct elf *elf)
{
    const struct target *target = elf->big_endian ? NULL : target_of_machine(elf->machine, elf->is_64);
    return target ? target->name : NULL;
}

/* Keys and labels of the fields of version 2, by tag. */
static const char *const labels[WATERMARK_TAGS] = {
    NULL, "time", "uid", "user", "host", "compiler", "output", "cwd", "modules", "ogrt",
};

static bool format_time(const struct watermark_field *field, char text[32])
{
    time_t seconds = (time_t)watermark_number(field);
    struct tm utc;
    return gmtime_r(&seconds, &utc) && strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static void print_field(unsigned tag, const struct watermark_field *field)
{
    char text[32];
    printf("    %-9s ", labels[tag]);
    if (tag == WATERMARK_TIME)
        fputs(format_time(field, text) ? text : "?", stdout);
    else if (tag == WATERMARK_UID)
        printf("%lld", (long long)watermark_number(field));
    else
        say_text(stdout, field->bytes, field->length);
    puts(field->cut ? " (cut)" : "");
}

static void print_mark(const struct found_watermark *mark, bool counts, bool is_object)
{
    printf("  watermark   %s%s%s\n", mark->watermark.uuid.text, counts ? "" : " (of an earlier link)",
           mark->loaded || is_object ? "" : " (not in memory when it runs)");
    for (unsigned tag = 1; tag < WATERMARK_TAGS; tag++)
        if (mark->watermark.fields[tag].bytes)
            print_field(tag, &mark->watermark.fields[tag]);
}

static void print_hex(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        printf("%02x", bytes[i]);
}

void inspection_print_text(const char *path, const struct inspection *inspection)
{
    const struct elf *elf = &inspection->elf;
    const char *machine = machine_name(elf);
    say_text(stdout, (const unsigned char *)path, strlen(path));
    if (machine)
        printf(": %s, %s\n", type_name(inspection), machine);
    else
        printf(": %s, machine %u, %s, %s byte first\n", type_name(inspection), elf->machine,
               elf->is_64 ? "64 bit" : "32 bit", elf->big_endian ? "high" : "low");
    for (unsigned i = 0; i < inspection->count; i++)
        print_mark(&inspection->marks[i], i + 1 == inspection->count, elf->type == ET_REL);
    if (!inspection->count)
        puts("  no watermark");
    if (inspection->dropped)
        printf("  and %u watermarks before these\n", inspection->dropped);
    if (inspection->build_id_size) {
        fputs("  build-id    ", stdout);
        print_hex(inspection->build_id, inspection->build_id_size);
        putchar('\n');
    }
    if (inspection->damaged)
        puts("  something in this file is damaged and was left out");
}

static void print_json_field(unsigned tag, const struct watermark_field *field)
{
    char text[32];
    printf(",\"%s\":", labels[tag]);
    if (tag == WATERMARK_UID)
        printf("%lld", (long long)watermark_number(field));
    else if (tag != WATERMARK_TIME)
        say_json(stdout, field->bytes, field->length);
    else if (format_time(field, text))
        printf("\"%s\"", text);
    else
        fputs("null", stdout);
    if (field->cut)
        printf(",\"%s_cut\":true", labels[tag]);
}

static void print_json_mark(const struct found_watermark *mark, bool first)
{
    printf("%s{\"uuid\":\"%s\",\"version\":%d,\"loaded\":%s", first ? "" : ",", mark->watermark.uuid.text,
           mark->watermark.version, mark->loaded ? "true" : "false");
    for (unsigned tag = 1; tag < WATERMARK_TAGS; tag++)
        if (mark->watermark.fields[tag].bytes)
            print_json_field(tag, &mark->watermark.fields[tag]);
    putchar('}');
}

static void print_json_content(const struct inspection *inspection)
{
    static const char *const types[] = {"none", "relocatable", "executable", "shared", "core"};
    const struct elf *elf = &inspection->elf;
    const char *machine = machine_name(elf);
    const struct found_watermark *mark = inspection_mark(inspection);
    printf(",\"type\":\"%s\",\"bits\":%d,\"machine\":",
           inspection->interpreted ? "executable"
           : elf->type <= ET_CORE  ? types[elf->type]
                                   : "other",
           elf->is_64 ? 64 : 32);
    if (machine)
        printf("\"%s\"", machine);
    else
        printf("%u", elf->machine);
    fputs(",\"build_id\":", stdout);
    if (inspection->build_id_size) {
        putchar('"');
        print_hex(inspection->build_id, inspection->build_id_size);
        putchar('"');
    } else {
        fputs("null", stdout);
    }
    if (mark)
        printf(",\"watermark\":\"%s\"", mark->watermark.uuid.text);
    else
        fputs(",\"watermark\":null", stdout);
    fputs(",\"watermarks\":[", stdout);
    for (unsigned i = 0; i < inspection->count; i++)
        print_json_mark(&inspection->marks[i], i == 0);
    printf("],\"damaged\":%s", inspection->damaged ? "true" : "false");
}

void inspection_print_json(const char *path, const struct inspection *inspection, const char *problem, bool first)
{
    fputs(first ? "\n{\"file\":" : ",\n{\"file\":", stdout);
    say_json(stdout, (const unsigned char *)path, strlen(path));
    if (inspection) {
        print_json_content(inspection);
    } else {
        fputs(",\"error\":", stdout);
        say_json(stdout, (const unsigned char *)problem, strlen(problem));
    }
    putchar('}');
}
