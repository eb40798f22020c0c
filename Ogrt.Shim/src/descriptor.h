/* Descriptors of this library: never used below 3, closed on exec, and none is left behind.
 *
 * In a program that was started with its standard input, output or error closed, the kernel gives us that number. It is
 * given back before anything is connected, sent or read, so that nothing that another thread writes there goes to a
 * server. */
#ifndef OGRT_DESCRIPTOR_H
#define OGRT_DESCRIPTOR_H

/* Opens for reading. A descriptor of at least 3, or a negative error number. */
int descriptor_open(const char *path);

/* The same for a path at which anything may lie: a pipe without a writer or a device is not waited for. */
int descriptor_open_waitless(const char *path);

/* The same with the flags that openat takes, O_CLOEXEC among them. */
int descriptor_open_at(int directory, const char *path, int flags);

/* A non-blocking socket. A descriptor of at least 3, or a negative error number. */
int descriptor_socket(int family, int type);

#endif
