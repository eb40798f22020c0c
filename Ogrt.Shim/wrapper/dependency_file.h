/* The file of --dependency-file: rules for make that name all inputs of a link. */
#ifndef OGRT_DEPENDENCY_FILE_H
#define OGRT_DEPENDENCY_FILE_H

/* Takes an input out of it that is not there when make looks. The input's name needs no quoting. Where the file cannot
 * be read or written, it stays as it is. */
void dependency_file_drop(const char *path, const char *input);

#endif
