/* Whether the mail command can work where no program gains rights. */
#include "health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

const MailPlaces mail_places = {.status = "/proc/self/status", .postdrop = "/usr/sbin/postdrop"};

static bool no_new_privileges(const char *status)
{
    char line[256];
    int set = 0;
    FILE *file = fopen(status, "re");
    while (file && fgets(line, sizeof line, file) && sscanf(line, "NoNewPrivs: %d", &set) != 1)
        continue;
    if (file)
        fclose(file);
    return set == 1;
}

/* Exim's sendmail is a link to the program: stat(2) follows it. */
static bool gains_rights(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode) &&
           (about.st_mode & (S_ISUID | S_ISGID)) != 0;
}

/* In PATH as the shell looks, for a name without a slash. The caller frees; NULL: nowhere. */
static char *find_program(const char *name)
{
    const char *at = getenv("PATH");
    struct stat about;
    if (strchr(name, '/'))
        return stat(name, &about) == 0 && S_ISREG(about.st_mode) && access(name, X_OK) == 0
                   ? x_strdup(name)
                   : NULL;
    while (at && *at) {
        size_t len = strcspn(at, ":");
        char *path = x_printf("%.*s/%s", (int)len, at, name);
        if (stat(path, &about) == 0)
            return path;
        free(path);
        at += len + (at[len] == ':');
    }
    return NULL;
}

/* Postfix's sendmail has no rights of its own and runs postdrop, which has. */
static bool is_sendmail(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strcmp(slash ? slash + 1 : path, "sendmail") == 0;
}

void health_mail(const char *command, const MailPlaces *places, HealthLine *line)
{
    char name[200];
    /* "PATH=... msmtp -t": what is set for it comes before it. */
    const char *word = command + strspn(command, " \t");
    for (size_t len; len = strcspn(word, " \t"), memchr(word, '=', len) && word[len];)
        word += len + strspn(word + len, " \t");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, " \t"), word);
    char *program = find_program(name);
    const char *needs = program && gains_rights(program) ? program
                        : program && is_sendmail(program) && gains_rights(places->postdrop)
                            ? places->postdrop
                            : NULL;
    bool stuck = needs && no_new_privileges(places->status);
    *line = (HealthLine){.name = "mail command", .ok = program && !stuck};
    if (!program)
        snprintf(line->detail, sizeof line->detail,
                 strchr(name, '/') ? "%.100s is no program" : "no %.100s in PATH", name);
    else if (stuck)
        snprintf(line->detail, sizeof line->detail,
                 "%.100s is setuid or setgid, which does nothing under NoNewPrivileges", needs);
    else
        snprintf(line->detail, sizeof line->detail, "%.150s", program);
    if (!line->ok)
        snprintf(line->cure, sizeof line->cure,
                 "--mail-command 'msmtp -C FILE -t', which talks to the mail server itself");
    free(program);
}
