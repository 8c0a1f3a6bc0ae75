/* Is what was named on the command line a submission? */
#include "commands/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

static bool holds_exercises(const char *dir)
{
    bool found = false;
    for (int i = 0; i < course_len && !found; i++) {
        char *path = x_printf("%s/%s", dir, course[i].exercise->id);
        found = access(path, F_OK) == 0;
        free(path);
    }
    return found;
}

/* One level too deep is the usual slip: the report is made all the same. */
static void note_exercise_folder(const char *command, const char *dir)
{
    char *whole = holds_exercises(dir) ? NULL : realpath(dir, NULL);
    char *name = whole ? strrchr(whole, '/') : NULL;
    for (int i = 0; name && i < course_len; i++)
        if (strcmp(name + 1, course[i].exercise->id) == 0) {
            *name = '\0';
            fprintf(stderr,
                    "grader: %s is the folder of one exercise; a submission is the folder above. "
                    "Try: grader %s -e %d %s\n",
                    dir, command, i + 1, whole);
        }
    free(whole);
}

int check_submission(const char *command, const char *dir)
{
    struct stat info;
    if (stat(dir, &info) != 0)
        return usage_error(command, "%s: %s. Name the folder that holds %s/ and the others", dir,
                           strerror(errno), course[0].exercise->id);
    if (!S_ISDIR(info.st_mode))
        return usage_error(command,
                           "%s is not a folder. Give the folder that holds %s/ and the others", dir,
                           course[0].exercise->id);
    note_exercise_folder(command, dir);
    return 0;
}
