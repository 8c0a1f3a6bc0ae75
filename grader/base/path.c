#include "base/path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"

/* In place; the first byte is a slash, and ".." stops at it. */
static void take_steps(char *path)
{
    char *to = path, *save = NULL, *copy = x_strdup(path);
    for (char *step = strtok_r(copy, "/", &save); step; step = strtok_r(NULL, "/", &save)) {
        if (strcmp(step, "..") == 0) {
            while (to > path && *--to != '/')
                ;
        } else if (strcmp(step, ".") != 0) {
            size_t len = strlen(step);
            *to++ = '/';
            memmove(to, step, len);
            to += len;
        }
    }
    *to = 0;
    free(copy);
}

char *path_below(const char *root, const char *name)
{
    char *path = name[0] == '/' ? x_strdup(name) : x_printf("%s/%s", root, name);
    size_t len = strlen(root);
    take_steps(path);
    char *below = strncmp(path, root, len) == 0 && path[len] == '/' && path[len + 1]
                      ? x_strdup(path + len + 1)
                      : NULL;
    free(path);
    return below;
}

bool path_plain_file(const char *folder, const char *name)
{
    char *path = x_printf("%s/%s", folder, name);
    struct stat st;
    bool plain = lstat(path, &st) == 0 && S_ISREG(st.st_mode);
    free(path);
    return plain;
}
