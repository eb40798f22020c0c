#include "commands.h"
#include "inspection.h"
#include "inspection_print.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: ogrt inspect [OPTION]... FILE...\n"
    "\n"
    "Shows the watermarks of executables, shared libraries and object files, their GNU build-id, and what the "
    "watermarks\n"
    "say about the build. The last watermark counts; that is the one that the preload library sends.\n"
    "\n"
    "  -j, --json    one JSON array with an object for each file\n"
    "  -q, --quiet   print nothing but errors\n"
    "  -h, --help    this text\n"
    "\n"
    "The exit code is 0 when every file has a watermark, 1 when one has none, and 2 when one could not be read.\n";

static const struct option options[] = {
    {"json", no_argument, NULL, 'j'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* Null, or why the file cannot be inspected. */
static const char *open_file(const char *path, struct inspection *inspection)
{
    struct elf_source source;
    const char *problem = NULL;
    memset(inspection, 0, sizeof *inspection);
    /* Not blocking: a named pipe must not keep us waiting. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0)
        return strerror(errno);
    if (!elf_source_open(&source, descriptor))
        problem = errno == EINVAL ? "not a regular file" : strerror(errno);
    else
        switch (inspect_source(inspection, &source)) {
        case ELF_FILE:
            break;
        case ELF_ARCHIVE:
            problem =
                "a library of object files has no watermark of its own; take it apart with 'ar x' to inspect them";
            break;
        case ELF_OTHER:
            problem = "not an ELF file";
            break;
        }
    close(descriptor);
    return problem;
}

static void print_error(const char *path, const char *problem)
{
    fputs("ogrt: inspect: ", stderr);
    say_text(stderr, (const unsigned char *)path, strlen(path));
    fprintf(stderr, ": %s\n", problem);
}

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_NONE };

static int inspect(const char *path, enum format format, bool first)
{
    static struct inspection inspection;
    const char *problem = open_file(path, &inspection);
    int result = problem ? EXIT_TROUBLE : inspection_mark(&inspection) ? EXIT_DONE : EXIT_NOT_FOUND;
    if (problem)
        print_error(path, problem);
    if (format == FORMAT_JSON)
        inspection_print_json(path, problem ? NULL : &inspection, problem, first);
    else if (format == FORMAT_TEXT && !problem)
        inspection_print_text(path, &inspection);
    inspection_free(&inspection);
    return result;
}

int command_inspect(int argc, char **argv)
{
    enum format format = FORMAT_TEXT;
    int option, result = EXIT_DONE;
    while ((option = getopt_long(argc, argv, ":jqh", options, NULL)) != -1) {
        switch (option) {
        case 'j':
            format = FORMAT_JSON;
            break;
        case 'q':
            format = FORMAT_NONE;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_DONE;
        default:
            return usage_error("inspect", option, argv);
        }
    }
    if (optind == argc)
        return say_error("inspect: which file? 'ogrt inspect --help' says more");
    if (format == FORMAT_JSON)
        fputs("[", stdout);
    for (int i = optind; i < argc; i++) {
        int one = inspect(argv[i], format, i == optind);
        if (one > result)
            result = one;
    }
    if (format == FORMAT_JSON)
        fputs("\n]\n", stdout);
    return result;
}

int command_show_signature(int argc, char **argv)
{
    static struct inspection inspection;
    if (argc != 2)
        return say_error("--show-signature takes one file");
    const char *problem = open_file(argv[1], &inspection);
    const struct found_watermark *mark = inspection_mark(&inspection);
    int result = problem ? EXIT_TROUBLE : mark ? EXIT_DONE : EXIT_NOT_FOUND;
    if (problem)
        print_error(argv[1], problem);
    else if (mark)
        puts(mark->watermark.uuid.text);
    else
        print_error(argv[1], "no watermark");
    inspection_free(&inspection);
    return result;
}
