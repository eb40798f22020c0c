/* Files that are there as a whole or not at all. */
#ifndef OGRT_OUTPUT_FILE_H
#define OGRT_OUTPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Puts the bytes into the file of that name, in one step: whoever opens it finds the old ones or the new ones. The file
 * can be read by everybody (mode 0644). On failure a message is printed, and what was there still is. A device or a
 * pipe is written to instead of being replaced. */
bool output_file_write(const char *path, const void *bytes, size_t size);

/* Writes all bytes to a descriptor; errno says why not. */
bool write_all(int descriptor, const void *bytes, size_t size);

#endif
