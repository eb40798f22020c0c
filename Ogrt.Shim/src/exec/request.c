#include "request.h"

#include "environment.h"
#include "format.h"
#include "memory.h"
#include "next.h"
#include "search.h"

#if defined(__i386__)

uintptr_t argument(const struct arguments *arguments, size_t number)
{
    return arguments->stack[number];
}

#else

#if defined(__x86_64__)
enum { REGISTERS = 6 };
#elif defined(__aarch64__)
enum { REGISTERS = 8 };
#endif

uintptr_t argument(const struct arguments *arguments, size_t number)
{
    return number < REGISTERS ? arguments->registers[number] : arguments->stack[number - REGISTERS];
}

#endif

/* The link that /proc has for a descriptor leads to the file whatever the descriptor was opened for, and reading by it
 * leaves the position of the descriptor alone. */
static void take_descriptor(struct request *request, int fd)
{
    struct format format = format_into(request->descriptor_path, sizeof request->descriptor_path);
    format_string(&format, "/proc/self/fd/");
    format_number(&format, (unsigned)fd);
    request->target = (struct target){AT_FDCWD, format_finish(&format), false};
    request->descriptor = fd;
    request->called = "";
}

/* An empty name, as far as it can be read: the kernel says what it thinks of others. */
static bool is_empty(const char *path)
{
    struct memory memory;
    if (!memory_open(&memory))
        return false;
    bool empty = memory_is_readable(&memory, path) && !*path;
    memory_close(&memory);
    return empty;
}

static bool take_execveat(struct request *request, const struct arguments *arguments)
{
    int directory = (int)argument(arguments, 0), flags = (int)argument(arguments, 4);
    const char *path = (const char *)argument(arguments, 1);
    /* Another flag is an error, or asks only whether the file may be executed (AT_EXECVE_CHECK). */
    if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
        return false;
    if (flags & AT_EMPTY_PATH && is_empty(path)) {
        if (directory < 0)
            return false;
        take_descriptor(request, directory);
    } else {
        request->target = (struct target){directory, path, flags & AT_SYMLINK_NOFOLLOW};
        request->called = path;
        request->descriptor = directory == AT_FDCWD ? -1 : directory;
    }
    return true;
}

static void take_path(struct request *request, const struct arguments *arguments)
{
    request->called = (const char *)argument(arguments, 0);
    request->target = (struct target){AT_FDCWD, request->called, false};
}

/* A name without a slash is searched. */
static void take_file(struct request *request, const struct arguments *arguments)
{
    take_path(request, arguments);
    request->shell = true;
    for (const char *byte = request->called; *byte != '/'; byte++)
        if (!*byte) {
            request->file = request->called;
            return;
        }
}

static void take_environment(struct request *request, const struct arguments *arguments, size_t number)
{
    request->environment_given = true;
    request->envp = (char *const *)argument(arguments, number);
}

bool request_read(struct request *request, enum exec_function function, const struct arguments *arguments)
{
    request->file = NULL;
    request->shell = request->environment_given = request->environment_follows = request->child_moved = false;
    request->descriptor = -1;
    request->child = 0;
    request->envp = NULL;
    request->ellipsis = (struct arguments){NULL, NULL};
    request->argv = (char *const *)argument(arguments, 1);
    switch (function) {
    case FUNCTION_execvp:
    case FUNCTION_execvpe:
    case FUNCTION_execlp:
        take_file(request, arguments);
        break;
    case FUNCTION_fexecve:
        if ((int)argument(arguments, 0) < 0)
            return false;
        take_descriptor(request, (int)argument(arguments, 0));
        break;
    case FUNCTION_execveat:
        if (!take_execveat(request, arguments))
            return false;
        request->argv = (char *const *)argument(arguments, 2);
        break;
    default:
        take_path(request, arguments);
    }
    if (function == FUNCTION_execl || function == FUNCTION_execlp || function == FUNCTION_execle) {
        request->argv = NULL;
        request->ellipsis = *arguments;
        request->environment_follows = request->environment_given = function == FUNCTION_execle;
    } else if (function == FUNCTION_execve || function == FUNCTION_execvpe || function == FUNCTION_fexecve) {
        take_environment(request, arguments, 2);
    } else if (function == FUNCTION_execveat) {
        take_environment(request, arguments, 3);
    }
    return true;
}

char *const *request_environment(const struct request *request)
{
    if (!request->environment_given)
        return exec_environment();
    if (!request->environment_follows)
        return request->envp;
    size_t number = 1;
    while (argument(&request->ellipsis, number))
        number++;
    return (char *const *)argument(&request->ellipsis, number + 1);
}

/* The C library takes PATH from its own environment, not from the one that it passes on. Its path for the case that
 * there is none differs. */
static const char *search_folders(void)
{
    char *const *envp = exec_environment();
    struct text path = envp ? environment_get(envp, "PATH") : text_of(NULL);
    if (path.bytes)
        return path.bytes;
    return exec_is_glibc() ? "/bin:/usr/bin" : "/usr/local/bin:/bin:/usr/bin";
}

bool request_find(struct request *request, char *buffer, size_t size, bool *no_room)
{
    enum search_answer answer = search_path(request->file, search_folders(), buffer, size);
    *no_room = answer == SEARCH_NO_ROOM;
    if (answer != SEARCH_FOUND)
        return false;
    request->target.path = request->called = buffer;
    return true;
}
