/* Descriptors of this library: never 0 to 2, closed on exec, and none is left behind.
 *
 * A program that was started with its standard input, output or error closed must not have a moment in which that
 * number is ours: another thread may be writing to it. */
#ifndef OGRT_DESCRIPTOR_H
#define OGRT_DESCRIPTOR_H

/* Opens for reading. A descriptor of at least 3, or a negative error number. */
int descriptor_open(const char *path);

/* A non-blocking socket. A descriptor of at least 3, or a negative error number. */
int descriptor_socket(int family, int type);

#endif
