/* A file of any bytes, read as ELF: what is found lies within limits. Then its properties are asked for, as the wrapper
 * around linkers does it. */
#include "../tool/gnu_property.h"
#include "../tool/inspection.h"

#include <stdlib.h>
#include <string.h>

static void check_mark(const struct found_watermark *mark)
{
    if (strlen(mark->watermark.uuid.text) != UUID_TEXT || !uuid_valid(mark->watermark.uuid.text))
        abort();
    for (unsigned tag = 0; tag < WATERMARK_TAGS; tag++) {
        const struct watermark_field *field = &mark->watermark.fields[tag];
        if (!field->bytes)
            continue;
        if (!mark->content || field->bytes < mark->content ||
            field->bytes + field->length > mark->content + WATERMARK_V2_SIZE)
            abort();
        /* Reads every byte, so that the address sanitizer sees one that is not ours. */
        volatile unsigned sum = 0;
        for (size_t i = 0; i < field->length; i++)
            sum += field->bytes[i];
        watermark_number(field);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct inspection inspection;
    struct gnu_properties properties;
    struct elf_source source = {data, -1, size};
    unsigned char *exact = malloc(size ? size : 1);
    memcpy(exact, data, size);
    source.bytes = exact;
    if (inspect_source(&inspection, &source) == ELF_FILE) {
        if (inspection.count > MAX_WATERMARKS || inspection.build_id_size > MAX_BUILD_ID)
            abort();
        for (unsigned i = 0; i < inspection.count; i++)
            check_mark(&inspection.marks[i]);
        memset(&properties, 0, sizeof properties);
        gnu_properties_meet(&properties, &inspection.elf);
        gnu_properties_meet(&properties, &inspection.elf);
        if (properties.count > MAX_PROPERTIES)
            abort();
    }
    inspection_free(&inspection);
    free(exact);
    return 0;
}
