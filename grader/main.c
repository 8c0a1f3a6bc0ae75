/* Which subcommand; the rest is in commands/. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/version.h"
#include "commands/commands.h"

static int print_help(void)
{
    puts("usage: grader COMMAND [OPTIONS]\n"
         "\n"
         "Grades the exercises of Lesson 8, asynchronous I/O: builds a submission, runs it in\n"
         "a sandbox under a system-call trace, drives it with scripted clients, and says what\n"
         "it did, what was expected and on which line.\n");
    for (int i = 0; i < commands_len; i++) {
        char usage[64];
        snprintf(usage, sizeof usage, "%s %s", commands[i].name, commands[i].arguments);
        printf("  %-22s %s\n", usage, commands[i].what);
    }
    puts("\n"
         "  grader COMMAND --help   options and examples\n"
         "  grader --version\n"
         "\n"
         "Start with: grader doctor, then grader run assignments");
    return 0;
}

/* Many clients and scenarios at once need many descriptors. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    if (argc < 2)
        return usage_error(NULL, "which command?");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return print_help();
    if (strcmp(argv[1], "--version") == 0) {
        printf("grader %s\n", grader_version);
        return 0;
    }
    const Command *command = command_find(argv[1]);
    if (!command)
        return usage_error(NULL, "no command \"%s\"", argv[1]);
    const char *wrong = command->run == command_doctor ? NULL : environment_wrong();
    if (wrong)
        return usage_error(NULL, "%s", wrong);
    return command->run(argc - 1, argv + 1);
}
