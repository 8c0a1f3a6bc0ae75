/*
 * What lies below /usr and is none of a submission's business: the built references of this
 * grader and of one that was installed, a clone of the course with all its solutions, and where
 * an administrator puts sources.
 * Whoever can start a reference, or have the compiler take it in, has its points.
 */
#include "sandbox_linux.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOWN "/usr/" /* what the sandbox shows of the system, links into it apart */

static bool is_hidden(char *const *found, int n, const char *path)
{
    for (int i = 0; i < n; i++)
        if (strcmp(found[i], path) == 0)
            return true;
    return false;
}

/* Where it really is, if that is a folder which the sandbox would show. */
static int add_folder(char **found, int n, const char *path)
{
    struct stat info;
    char *real = realpath(path, NULL);
    bool shown = real && strncmp(real, SHOWN, strlen(SHOWN)) == 0 &&
                 strcmp(real, "/usr/local") != 0 && stat(real, &info) == 0 && S_ISDIR(info.st_mode);
    if (shown && n < HIDDEN_MOST && !is_hidden(found, n, real)) {
        found[n++] = real;
        return n;
    }
    free(real);
    return n;
}

int hidden_folders(char **found)
{
    static const char *const installed[] = {
        "/usr/share/async-grader", "/usr/local/share/async-grader", "/usr/local/src", "/usr/src"};
    int n = 0;
    for (size_t i = 0; i < sizeof installed / sizeof *installed; i++)
        n = add_folder(found, n, installed[i]);
    char program[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    char *slash = len > 0 ? (program[len] = 0, strrchr(program, '/')) : NULL;
    if (!slash)
        return n;
    *slash = 0;
    char *share = x_printf("%s/../share/async-grader", program);
    char *built = x_printf("%s/../reference", program);
    char *clone = x_printf("%s/../..", program); /* CLONE/build/grader/grader */
    n = add_folder(found, n, share);
    if (access(built, F_OK) == 0)
        n = add_folder(found, n, clone);
    free(share);
    free(built);
    free(clone);
    return n;
}
