#include "addresses.h"
#include "commands.h"
#include "output_file.h"
#include "say.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: ogrt servers [OPTION]... NAME[:PORT]...\n"
    "\n"
    "Writes down all addresses behind names, one a line, for the setting servers-file of the preload library: a "
    "tracked\n"
    "program never asks a name server, so somebody else must, for instance a timer on the node. Numeric addresses are\n"
    "passed on; an IPv6 address with a port is written as [2001:db8::1]:7971.\n"
    "\n"
    "  -o, --output=FILE    write to FILE, in one step; when a name cannot be resolved, FILE stays as it is\n"
    "  -f, --family=FAMILY  4, 6, both, or prefer4: IPv6 only for names without an IPv4 address [prefer4]\n"
    "  -p, --port=PORT      port of names without one [7971]\n"
    "  -h, --help           this text\n"
    "\n"
    "The addresses are sorted, so the same answer makes the same file. The exit code is 0 when all names have "
    "addresses,\n"
    "1 when one has none, and 2 when something else is wrong; only with 0 is anything written.\n";

static const struct option options[] = {
    {"output", required_argument, NULL, 'o'},
    {"family", required_argument, NULL, 'f'},
    {"port", required_argument, NULL, 'p'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static bool family_named(const char *name, enum family *family)
{
    static const char *const names[] = {"4", "6", "both", "prefer4"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name)) {
            *family = (enum family)i;
            return true;
        }
    return false;
}

static int write_addresses(struct addresses *addresses, const char *output)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return say_error("out of memory");
    addresses_print(addresses, memory);
    bool good = fclose(memory) == 0;
    if (!good)
        say_error("out of memory");
    else if (output)
        good = output_file_write(output, text, size);
    else
        fwrite(text, 1, size, stdout);
    free(text);
    return good ? EXIT_DONE : EXIT_TROUBLE;
}

int command_servers(int argc, char **argv)
{
    const char *output = NULL;
    struct addresses addresses = {.family = FAMILY_PREFER4, .port = 7971};
    int option, result = EXIT_DONE;
    while ((option = getopt_long(argc, argv, ":o:f:p:h", options, NULL)) != -1) {
        switch (option) {
        case 'o':
            output = optarg;
            break;
        case 'f':
            if (!family_named(optarg, &addresses.family))
                return say_error("servers: --family takes 4, 6, both or prefer4, not '%s'", optarg);
            break;
        case 'p':
            if (!port_parse(optarg, &addresses.port))
                return say_error("servers: --port takes a number from 1 to 65535, not '%s'", optarg);
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_DONE;
        default:
            return usage_error("servers", option, argv);
        }
    }
    if (optind == argc)
        return say_error("servers: of which name? 'ogrt servers --help' says more");
    for (int i = optind; i < argc; i++) { /* all of them, so that one run names all that are wrong */
        int one = addresses_add(&addresses, argv[i]);
        if (one > result)
            result = one;
    }
    if (result == EXIT_DONE)
        result = write_addresses(&addresses, output);
    free(addresses.list);
    return result;
}
