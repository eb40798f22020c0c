/* The subcommands. Each takes its own name as its first argument and returns an exit code. */
#ifndef OGRT_COMMANDS_H
#define OGRT_COMMANDS_H

int command_stamp(int argc, char **argv);
int command_inspect(int argc, char **argv);
int command_servers(int argc, char **argv);

/* ogrt --generate-signature [FILE] and --show-signature FILE: the names that the first OGRT had for the same. */
int command_generate_signature(int argc, char **argv);
int command_show_signature(int argc, char **argv);

/* Says that an option is unknown or lacks its value (getopt_long with a leading colon tells which), and where help is.
 */
int usage_error(const char *command, int result, char **argv);

#endif
