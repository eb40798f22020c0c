#include "build_info.h"
#include "commands.h"
#include "output_file.h"
#include "say.h"
#include "stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: ogrt stamp [OPTION]...\n"
    "\n"
    "Writes a relocatable ELF object without code. What it is linked into carries a watermark: a note with a UUID, by\n"
    "which the preload library recognises it wherever it runs, under whatever name.\n"
    "\n"
    "  -o, --output=FILE      write to FILE [standard output, unless that is a terminal]\n"
    "  -t, --target=MACHINE   x86-64, i386 or aarch64 [that of the files of --like, else this machine]\n"
    "  -l, --like=FILE        keep control-flow protection (IBT, SHSTK, BTI, PAC) where FILE has it; FILE is an "
    "object\n"
    "                         that will be linked with the stamp; may be given several times\n"
    "  -u, --uuid=UUID        this UUID [a random one]\n"
    "  -i, --with-build-info  add who builds, where, when and with what\n"
    "  -h, --help             this text\n"
    "\n"
    "Put the stamp behind the other objects: of several watermarks the last counts. For example:\n"
    "\n"
    "  ogrt stamp -o stamp.o && cc main.o stamp.o -o program && ogrt inspect program\n";

static const struct option options[] = {
    {"output", required_argument, NULL, 'o'},
    {"target", required_argument, NULL, 't'},
    {"like", required_argument, NULL, 'l'},
    {"uuid", required_argument, NULL, 'u'},
    {"with-build-info", no_argument, NULL, 'i'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    const char *output;
    const struct target *target;
    struct watermark watermark;
    struct gnu_properties properties;
    bool with_uuid;
};

static int take_like(struct request *request, const char *path, bool target_given)
{
    struct elf_source source;
    struct elf elf;
    int result = EXIT_TROUBLE, descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0 || !elf_source_open(&source, descriptor)) {
        say_error("stamp: cannot read %s: %s", path, errno == EINVAL ? "not a regular file" : strerror(errno));
    } else if (elf_open(&elf, &source) != ELF_FILE) {
        say_error("stamp: %s is no ELF file", path);
    } else {
        const struct target *target = target_of_machine(elf.machine, elf.is_64);
        if (elf.big_endian || !target)
            say_error("stamp: %s is for a machine that no stamps are made for; x86-64, i386 and aarch64 there are",
                      path);
        else if (request->target && request->target != target)
            say_error("stamp: %s is for %s, not for %s", path, target->name, request->target->name);
        else
            result = EXIT_DONE;
        if (!target_given)
            request->target = target;
        gnu_properties_meet(&request->properties, &elf);
    }
    if (descriptor >= 0)
        close(descriptor);
    return result;
}

static int write_stamp(struct request *request)
{
    static struct stamp stamp;
    if (!request->target)
        request->target = target_of_host();
    if (!request->target)
        return say_error("stamp: no stamps are made for this machine; choose one with --target");
    if (!request->with_uuid && !uuid_random(&request->watermark.uuid))
        return say_error("stamp: the kernel gives no random numbers: %s", strerror(errno));
    stamp_make(&stamp, request->target, &request->watermark, &request->properties);
    if (request->output)
        return output_file_write(request->output, stamp.bytes, stamp.size) ? EXIT_DONE : EXIT_TROUBLE;
    if (isatty(STDOUT_FILENO))
        return say_error("stamp: an object file is not for a terminal; name a file with --output");
    fwrite(stamp.bytes, 1, stamp.size, stdout);
    return EXIT_DONE;
}

int command_stamp(int argc, char **argv)
{
    static struct build_info info;
    struct request request = {.watermark = {.version = 1}};
    bool target_given = false;
    int option, likes = 0;
    char **like = calloc((size_t)argc, sizeof *like);
    if (!like)
        return say_error("out of memory");
    int result = EXIT_DONE;
    while (result == EXIT_DONE && (option = getopt_long(argc, argv, ":o:t:l:u:ih", options, NULL)) != -1) {
        switch (option) {
        case 'o':
            request.output = optarg;
            break;
        case 't':
            request.target = target_named(optarg);
            target_given = true;
            if (!request.target)
                result = say_error("stamp: no stamps are made for '%s'; x86-64, i386 and aarch64 there are", optarg);
            break;
        case 'l':
            like[likes++] = optarg;
            break;
        case 'u':
            request.with_uuid = true;
            if (!uuid_parse(&request.watermark.uuid, optarg))
                result =
                    say_error("stamp: '%s' is no UUID; one looks like 708e1ffd-4ced-45d3-81f3-52e059ea3128", optarg);
            break;
        case 'i':
            request.watermark.version = 2;
            break;
        case 'h':
            fputs(help, stdout);
            free(like);
            return EXIT_DONE;
        default:
            result = usage_error("stamp", option, argv);
        }
    }
    if (result == EXIT_DONE && optind < argc)
        result = say_error("stamp: takes no argument such as '%s'; --output=%s names the file to write", argv[optind],
                           argv[optind]);
    for (int i = 0; i < likes && result == EXIT_DONE; i++)
        result = take_like(&request, like[i], target_given);
    free(like);
    if (result != EXIT_DONE)
        return result;
    if (request.watermark.version == 2)
        build_info_fill(&info, &request.watermark, NULL, false);
    return write_stamp(&request);
}

int command_generate_signature(int argc, char **argv)
{
    struct request request = {.output = argc > 1 ? argv[1] : NULL, .watermark = {.version = 1}};
    if (argc > 2)
        return say_error("--generate-signature takes at most one file");
    return write_stamp(&request);
}
