#include "commands/commands.h"

#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "sandbox.h"

enum { ABILITIES = 32 };

static void print_ability(const SandboxAbility *ability, bool colour)
{
    static const struct {
        const char *mark, *colour;
    } looks[] = {{"no  ", "\033[31m"}, {"-   ", "\033[33m"}, {"ok  ", "\033[32m"}};
    int look = ability->ok ? 2 : ability->needed ? 0 : 1;
    printf("%s%s%s%-18s %s\n", colour ? looks[look].colour : "", looks[look].mark,
           colour ? "\033[0m" : "", ability->name, ability->detail);
    if (!ability->ok && ability->cure[0])
        printf("    %-18s cure: %s\n", "", ability->cure);
}

static int examine(const char *dir)
{
    SandboxAbility abilities[ABILITIES];
    memset(abilities, 0, sizeof abilities);
    int n = sandbox_abilities(dir, abilities, ABILITIES), missing = 0;
    bool colour = wants_colour(stdout);
    for (int i = 0; i < n; i++) {
        print_ability(&abilities[i], colour);
        missing += abilities[i].needed && !abilities[i].ok;
    }
    if (missing == 0)
        puts("\nThis machine can grade. Lines with \"-\" are things it does without.");
    else
        printf(
            "\n%d thing%s missing that grading needs. Until then `grader run --own` grades your\n"
            "own code without a sandbox, as practice.\n",
            missing, missing == 1 ? " is" : "s are");
    return missing == 0 ? 0 : STATUS_OURS;
}

int command_doctor(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    int letter;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (letter != 'h')
            return STATUS_USAGE;
        fputs(command_find("doctor")->help, stdout);
        return 0;
    }
    if (optind + 1 < argc)
        return usage_error("doctor", "\"%s\" is one word too many", argv[optind + 1]);
    if (optind < argc)
        return examine(argv[optind]);
    return examine(access("assignments", F_OK) == 0 ? "assignments" : NULL);
}
