#include "subject.h"

#include "descriptor.h"
#include "format.h"
#include "procfs.h"

/* One descriptor tells the real name, by the link that /proc has for it, and gives the notes. A file that may not be
 * read can be opened for its name alone. */
static int open_program(const struct target *target, bool *can_be_read)
{
    int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    int fd = descriptor_open_at(target->directory, target->path, O_RDONLY | flags);
    *can_be_read = fd >= 0;
    return fd >= 0 ? fd : descriptor_open_at(target->directory, target->path, O_PATH | O_CLOEXEC);
}

static struct text link_of(char *buffer, size_t size, const char *start, uint64_t number, const char *end)
{
    char path[48];
    struct format format = format_into(path, sizeof path);
    format_string(&format, start);
    format_number(&format, number);
    format_string(&format, end);
    long length = sys_readlinkat(AT_FDCWD, format_finish(&format), buffer, size);
    return length > 0 ? (struct text){buffer, (size_t)length} : text_of(NULL);
}

static struct text joined(char *buffer, size_t size, struct text directory, const char *path)
{
    struct format format = format_into(buffer, size);
    if (*path != '/' && directory.bytes) {
        format_text(&format, directory);
        format_string(&format, "/");
    }
    format_string(&format, path);
    format_finish(&format);
    return (struct text){buffer, (size_t)(format.at - buffer)};
}

struct copies {
    struct subject *subject;
    struct workspace *workspace;
};

static struct text copy(char *to, size_t size, struct text text)
{
    if (text.length > size)
        return text_of(NULL);
    memcpy(to, text.bytes, text.length);
    return (struct text){to, text.length};
}

static void take_notes(void *context, const struct notes *notes)
{
    const struct copies *copies = context;
    struct workspace *workspace = copies->workspace;
    if (notes->signature.bytes)
        copies->subject->signature = copy(workspace->signature, sizeof workspace->signature, notes->signature);
    if (notes->build_id.bytes)
        copies->subject->build_id = copy(workspace->build_id, sizeof workspace->build_id, notes->build_id);
}

static void read_file(struct subject *subject, struct workspace *workspace)
{
    const struct target *target = &subject->program->target;
    bool can_be_read;
    int fd = open_program(target, &can_be_read);
    if (fd >= 0) {
        subject->binary = link_of(workspace->binary, sizeof workspace->binary, "/proc/self/fd/", (uint64_t)fd, "");
        if (can_be_read) {
            struct window window = {.fd = fd, .bytes = workspace->notes, .size = sizeof workspace->notes};
            struct elf_file file = elf_file_read(&window);
            elf_file_notes(&file, &window, take_notes, &(struct copies){subject, workspace});
        }
        sys_close(fd);
    }
    if (!subject->binary.bytes)
        subject->binary = joined(workspace->binary, sizeof workspace->binary, subject->directory, target->path);
}

static struct text working_directory(const struct subject *subject, const struct request *request,
                                     struct workspace *workspace)
{
    struct text directory = {NULL, 0};
    if (request->child_moved && subject->start_ticks)
        directory = link_of(workspace->directory, MAX_PATH, "/proc/", (uint64_t)request->child, "/cwd");
    if (directory.bytes)
        return directory;
    long length = sys_getcwd(workspace->directory, MAX_PATH); /* counts the null */
    return length > 1 ? (struct text){workspace->directory, (size_t)length - 1} : directory;
}

/* What the kernel tells the program as AT_EXECFN. */
static struct text called_path(const struct request *request, struct workspace *workspace)
{
    if (request->descriptor < 0 || *request->called == '/')
        return text_of(request->called);
    struct format format = format_into(workspace->called, sizeof workspace->called);
    format_string(&format, "/dev/fd/");
    format_number(&format, (unsigned)request->descriptor);
    if (*request->called) {
        format_string(&format, "/");
        format_string(&format, request->called);
    }
    return text_of(format_finish(&format));
}

/* /proc may be that of another pid namespace and count otherwise: then a child cannot be found in it. */
static void read_child(struct subject *subject, const struct request *request, const struct process_stat *self)
{
    struct process_stat stat;
    subject->pid = request->child;
    subject->parent = (uint64_t)sys_getpid();
    subject->parent_start_ticks = self->start_ticks;
    if (self->pid == subject->parent && procfs_stat(&stat, (uint64_t)request->child))
        subject->start_ticks = stat.start_ticks;
}

static void read_caller(struct subject *subject, const struct process_stat *self)
{
    struct process_stat stat;
    subject->pid = sys_getpid();
    subject->parent = self->pid == (uint64_t)subject->pid ? self->parent : (uint64_t)sys_getppid();
    subject->start_ticks = self->start_ticks;
    if (self->parent && procfs_stat(&stat, self->parent))
        subject->parent_start_ticks = stat.start_ticks;
}

static void read_process(struct subject *subject, const struct request *request)
{
    struct process_stat self;
    if (!procfs_stat(&self, 0))
        self = (struct process_stat){0};
    if (request->child)
        read_child(subject, request, &self);
    else
        read_caller(subject, &self);
}

void subject_read(struct subject *subject, const struct request *request, struct workspace *workspace)
{
    *subject = (struct subject){.program = &workspace->program};
    read_process(subject, request);
    subject->directory = working_directory(subject, request, workspace);
    subject->called = called_path(request, workspace);
    read_file(subject, workspace);
}
