/* What a program has at its first instruction. */
#define _GNU_SOURCE
#include "helper.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT = 4096, MAX_VALUE = 64 };

/* These say that the library is there, which is the difference that is wanted. */
static const char *const expected[] = {"LD_PRELOAD=", "OGRT_ACTIVE="};

static const char *const facts[] = {"SigPnd",  "ShdPnd", "SigBlk", "SigIgn",     "SigCgt", "Threads", "Umask",
                                    "Seccomp", "CapEff", "CapInh", "NoNewPrivs", "Uid",    "Gid",     "Groups"};

static FILE *process_file(pid_t pid, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return fopen(path, "re");
}

static void look_at_status(pid_t pid, FILE *report)
{
    char line[TEXT];
    FILE *status = process_file(pid, "status");
    while (status && fgets(line, sizeof line, status)) {
        line[strcspn(line, "\n")] = 0;
        for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
            if (strncmp(line, facts[i], strlen(facts[i])) == 0 && line[strlen(facts[i])] == ':')
                say(report, "look %s", line);
    }
    if (status)
        fclose(status);
}

static void look_at_lines(pid_t pid, const char *name, FILE *report)
{
    char line[TEXT];
    FILE *file = process_file(pid, name);
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        say(report, "look %s: %s", name, line);
    }
    if (file)
        fclose(file);
}

static void look_at_descriptor(pid_t pid, int fd, FILE *report)
{
    char path[64], target[TEXT], line[TEXT];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length < 0)
        return;
    target[length] = 0;
    if (target[0] != '/')
        target[strcspn(target, "[")] = 0; /* the number of a pipe or socket */
    snprintf(path, sizeof path, "fdinfo/%d", fd);
    FILE *information = process_file(pid, path);
    char position[32] = "", flags[32] = "";
    while (information && fgets(line, sizeof line, information)) {
        sscanf(line, "pos: %31s", position);
        sscanf(line, "flags: %31s", flags);
    }
    if (information)
        fclose(information);
    say(report, "look descriptor %d: %s at %s flags %s", fd, target, position, flags);
}

/* Mapped files, each once, and how large the heap is. */
static void look_at_mappings(pid_t pid, FILE *report, uint64_t *libc)
{
    char line[TEXT], last[TEXT] = "", own[TEXT] = "";
    Dl_info information;
    FILE *maps = process_file(pid, "maps");
    if (dladdr((void *)(uintptr_t)dlsym(RTLD_DEFAULT, "__errno_location"), &information) &&
        !realpath(information.dli_fname, own))
        own[0] = 0;
    while (maps && fgets(line, sizeof line, maps)) {
        uint64_t start, end, offset;
        char name[TEXT] = "";
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %*s %4095[^\n]", &start, &end, &offset, name) < 3)
            continue;
        if (strcmp(name, LIBRARY_PATH) == 0 && offset == 0)
            say(report, "loaded");
        else if (strcmp(name, "[heap]") == 0)
            say(report, "look heap: %" PRIu64 " bytes", end - start);
        else if (name[0] == '/' && strcmp(name, LIBRARY_PATH) != 0 && strcmp(name, last) != 0)
            say(report, "look mapped: %s", name);
        if (name[0] == '/' && strcmp(name, own) == 0 && offset == 0 && !*libc)
            *libc = start;
        strcpy(last, name);
    }
    if (maps)
        fclose(maps);
}

static bool read_memory(pid_t pid, uint64_t address, void *to, size_t size)
{
    struct iovec here = {to, size}, there = {(void *)(uintptr_t)address, size};
    return process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)size;
}

/* A variable of the environment, up to MAX_VALUE bytes and then a sum of the rest. */
static void look_at_string(pid_t pid, const char *kind, uint64_t address, FILE *report)
{
    char text[MAX_VALUE + 1], at;
    size_t length = 0;
    uint64_t sum = 14695981039346656037U;
    while (read_memory(pid, address + length, &at, 1) && at) {
        if (length < MAX_VALUE)
            text[length] = at;
        else
            sum = (sum ^ (unsigned char)at) * 1099511628211U;
        length++;
        if (length > MAX_VALUE) {
            /* Long ones in larger steps. */
            char more[256];
            while (read_memory(pid, address + length, more, sizeof more) && !memchr(more, 0, sizeof more)) {
                for (size_t i = 0; i < sizeof more; i++)
                    sum = (sum ^ (unsigned char)more[i]) * 1099511628211U;
                length += sizeof more;
            }
        }
    }
    text[length < MAX_VALUE ? length : MAX_VALUE] = 0;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (strncmp(text, expected[i], strlen(expected[i])) == 0)
            return;
    say(report, "look %s: %s (%zu bytes, %" PRIx64 ")", kind, text, length, sum);
}

/* Arguments and environment as main gets them: by the pointers on the stack. */
static void look_at_stack(pid_t pid, uint64_t stack, FILE *report)
{
    uint64_t count, pointer;
    if (!read_memory(pid, stack, &count, sizeof count))
        return;
    for (stack += 8; read_memory(pid, stack, &pointer, sizeof pointer) && pointer; stack += 8)
        look_at_string(pid, "argument", pointer, report);
    for (stack += 8; read_memory(pid, stack, &pointer, sizeof pointer) && pointer; stack += 8)
        look_at_string(pid, "variable", pointer, report);
}

#if defined(__x86_64__)

static const long breakpoint = 0xcc;

static uint64_t entry_of(pid_t pid)
{
    Elf64_auxv_t item = {0};
    uint64_t entry = 0;
    FILE *vector = process_file(pid, "auxv");
    while (vector && fread(&item, sizeof item, 1, vector) == 1)
        if (item.a_type == AT_ENTRY)
            entry = item.a_un.a_val;
    if (vector)
        fclose(vector);
    return entry;
}

/* Lets the program run until its breakpoint. Its own signals are given to it. When it ends before, status says how. */
static bool run_to(pid_t pid, uint64_t address, int *status)
{
    int signal = 0;
    struct user_regs_struct registers;
    for (;;) {
        if (ptrace(PTRACE_CONT, pid, NULL, signal) || waitpid(pid, status, __WALL) != pid || !WIFSTOPPED(*status))
            return false;
        signal = WSTOPSIG(*status);
        if (signal == SIGTRAP && ptrace(PTRACE_GETREGS, pid, NULL, &registers) == 0 && registers.rip == address + 1)
            return true;
    }
}

/* The C library tells where errno is when it is asked: the program is made to call __errno_location and to come back to
 * the breakpoint. */
static void look_at_errno(pid_t pid, uint64_t libc, uint64_t entry, const struct user_regs_struct *at_entry,
                          FILE *report)
{
    void *function = dlsym(RTLD_DEFAULT, "__errno_location");
    Dl_info information;
    int value, status;
    struct user_regs_struct registers = *at_entry;
    if (!libc || !dladdr(function, &information))
        return;
    registers.rip = libc + ((uintptr_t)function - (uintptr_t)information.dli_fbase);
    registers.rsp = ((at_entry->rsp - 1024) & ~(uint64_t)15) - 8;
    registers.orig_rax = UINT64_MAX;
    if (ptrace(PTRACE_POKEDATA, pid, registers.rsp, entry) || ptrace(PTRACE_SETREGS, pid, NULL, &registers) ||
        !run_to(pid, entry, &status) || ptrace(PTRACE_GETREGS, pid, NULL, &registers))
        return;
    if (read_memory(pid, registers.rax, &value, sizeof value))
        say(report, "look errno: %d", value);
}

static void look_at_registers(pid_t pid, FILE *report)
{
    struct user_fpregs_struct registers;
    if (ptrace(PTRACE_GETFPREGS, pid, NULL, &registers) == 0)
        say(report, "look floating point: %x %x", registers.cwd, registers.mxcsr);
}

static bool is_64_bit(pid_t pid)
{
    struct user_regs_struct registers;
    return ptrace(PTRACE_GETREGS, pid, NULL, &registers) == 0 && registers.cs == 0x33;
}

static void look_at_all(pid_t pid, uint64_t entry, FILE *report)
{
    struct user_regs_struct registers;
    uint64_t libc = 0;
    if (ptrace(PTRACE_GETREGS, pid, NULL, &registers))
        return;
    registers.rip = entry;
    look_at_stack(pid, registers.rsp, report);
    look_at_status(pid, report);
    look_at_lines(pid, "limits", report);
    look_at_lines(pid, "timers", report);
    look_at_lines(pid, "comm", report);
    look_at_lines(pid, "personality", report);
    look_at_lines(pid, "oom_score_adj", report);
    for (int fd = 0; fd < 64; fd++)
        look_at_descriptor(pid, fd, report);
    look_at_mappings(pid, report, &libc);
    look_at_registers(pid, report);
    look_at_errno(pid, libc, entry, &registers, report);
    ptrace(PTRACE_SETREGS, pid, NULL, &registers);
}

int look(pid_t pid, FILE *report)
{
    int status = -1;
    uint64_t entry = is_64_bit(pid) ? entry_of(pid) : 0;
    errno = 0;
    long code = entry ? ptrace(PTRACE_PEEKTEXT, pid, entry, NULL) : -1;
    ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_EXITKILL);
    if (entry && errno == 0 && ptrace(PTRACE_POKETEXT, pid, entry, (code & ~0xffL) | breakpoint) == 0) {
        if (!run_to(pid, entry, &status))
            return status;
        look_at_all(pid, entry, report);
        ptrace(PTRACE_POKETEXT, pid, entry, code);
    }
    ptrace(PTRACE_DETACH, pid, NULL, NULL);
    return -1;
}

#else

/* Only descriptors, and only before the dynamic linker runs: there is no breakpoint for this processor. */
int look(pid_t pid, FILE *report)
{
    look_at_status(pid, report);
    for (int fd = 0; fd < 64; fd++)
        look_at_descriptor(pid, fd, report);
    ptrace(PTRACE_DETACH, pid, NULL, NULL);
    return -1;
}

#endif
