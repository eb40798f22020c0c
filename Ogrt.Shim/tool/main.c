/* ogrt: watermarks for what is linked, and addresses for the preload library. */
#include "commands.h"
#include "config.h"
#include "say.h"

#include <getopt.h>
#include <string.h>

static const char help[] =
    "usage: ogrt COMMAND [OPTION]... [ARGUMENT]...\n"
    "\n"
    "Commands:\n"
    "  stamp      write an object file that gives what it is linked into a watermark\n"
    "  inspect    show the watermarks of ELF files\n"
    "  servers    write down all addresses behind names, for the setting servers-file of the preload library\n"
    "\n"
    "  ogrt COMMAND --help   says more about one of them\n"
    "  ogrt --help           this text\n"
    "  ogrt --version        the version\n"
    "\n"
    "As in the first OGRT:\n"
    "  ogrt --generate-signature [FILE]   ogrt stamp, to standard output or to a file\n"
    "  ogrt --show-signature FILE         the UUID of the file's watermark\n"
    "\n"
    "The exit code is 0 when it is done, 1 when what was asked for is not there, and 2 when something is wrong.\n";

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"stamp", command_stamp},
    {"inspect", command_inspect},
    {"servers", command_servers},
    {"--generate-signature", command_generate_signature},
    {"--show-signature", command_show_signature},
};

int usage_error(const char *command, int result, char **argv)
{
    const char *what = argv[optind - 1];
    if (result == ':')
        say_error("%s: %s needs a value", command, what);
    else
        say_error("%s: there is no option %s", command, what);
    return say_error("'ogrt %s --help' lists the options", command);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs(help, stderr);
        return EXIT_TROUBLE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        fputs(help, stdout);
        return say_finish(EXIT_DONE);
    }
    if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
        puts("ogrt " OGRT_VERSION);
        return say_finish(EXIT_DONE);
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(argv[1], commands[i].name))
            return say_finish(commands[i].run(argc - 1, argv + 1));
    say_error("there is no command '%s'", argv[1]);
    return say_error("'ogrt --help' lists the commands");
}
