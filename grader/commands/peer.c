#include "commands/commands.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peer/solo.h"

/* The text of one of the course's own scenarios ("ex1_nonblocking/data-later",
 * "1/data-later", with or without .peer); NULL if there is none of that name. */
static const char *own_scenario(const char *name)
{
    char exercise[64];
    const char *slash = strrchr(name, '/');
    if (!slash || slash == name || (size_t)(slash - name) >= sizeof exercise)
        return NULL;
    snprintf(exercise, sizeof exercise, "%.*s", (int)(slash - name), name);
    int index = find_exercise(exercise);
    size_t len = strcspn(slash + 1, ".");
    for (int i = 0; index >= 0 && i < course[index].n_scenarios; i++) {
        const Scenario *scenario = &course[index].scenarios[i];
        if (strlen(scenario->name) == len && memcmp(scenario->name, slash + 1, len) == 0)
            return scenario->text;
    }
    return NULL;
}

static int play_text(const char *name, const char *text, int port)
{
    const char *tmp = getenv("TMPDIR");
    char *folder = x_printf("%s/peer.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(folder)) {
        free(folder);
        return our_error("cannot make a folder in %s", tmp && *tmp ? tmp : "/tmp");
    }
    const char *base = strrchr(name, '/') + 1;
    char *path = x_printf("%s/%.*s.peer", folder, (int)strcspn(base, "."), base);
    FILE *file = fopen(path, "w");
    bool ok = file && fputs(text, file) >= 0;
    if (file && fclose(file) != 0)
        ok = false;
    int status = ok ? solo_play(path, port, stdout, stderr) : our_error("cannot write %s", path);
    unlink(path);
    rmdir(folder);
    free(path);
    free(folder);
    return status;
}

/* With line numbers, as reports name them. */
static int show(const char *name)
{
    const char *text = own_scenario(name);
    if (!text)
        return usage_error("peer",
                           "\"%s\" is none of the course's scenarios; `grader list --format "
                           "json` names them",
                           name);
    for (int line = 1; *text; line++) {
        size_t len = strcspn(text, "\n");
        printf("%4d  %.*s\n", line, (int)len, text);
        text += len + (text[len] == '\n');
    }
    return 0;
}

int command_peer(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'},
                                            {"show", required_argument, NULL, 's'},
                                            {NULL, 0, NULL, 0}};
    int letter;
    long port;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (letter == 's')
            return show(optarg);
        if (letter != 'h')
            return STATUS_USAGE;
        fputs(command_find("peer")->help, stdout);
        return 0;
    }
    if (argc - optind != 2)
        return usage_error("peer", "give a scenario and a port");
    if (!parse_number(argv[optind + 1], 1, 65535, &port))
        return usage_error("peer", "\"%s\" is no port", argv[optind + 1]);
    const char *name = argv[optind], *text = own_scenario(name);
    if (text && access(name, R_OK) != 0)
        return play_text(name, text, (int)port);
    return solo_play(name, (int)port, stdout, stderr);
}
