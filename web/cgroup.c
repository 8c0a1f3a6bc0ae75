#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

enum { LIST_BYTES = 8192 };

/* v2's line is "0::/system.slice/courseweb.service". The caller frees; NULL: no service. */
static char *service_path(const char *list)
{
    for (const char *line = list; *line; line += *line == '\n') {
        size_t len = strcspn(line, "\n");
        if (len > 3 + 8 && strncmp(line, "0::", 3) == 0 &&
            strncmp(line + len - 8, ".service", 8) == 0)
            return x_strndup(line + 3, len - 3);
        line += len;
    }
    return NULL;
}

/* systemd gives a delegated folder and these two files to the service's account. */
static bool is_ours(const char *folder)
{
    char *procs = x_printf("%s/cgroup.procs", folder);
    char *control = x_printf("%s/cgroup.subtree_control", folder);
    bool ours = access(folder, W_OK) == 0 && access(procs, W_OK) == 0 && access(control, W_OK) == 0;
    free(procs);
    free(control);
    return ours;
}

/* 0 stands for who writes it. */
static bool move_into(const char *folder)
{
    char *procs = x_printf("%s/cgroup.procs", folder);
    int fd = open(procs, O_WRONLY | O_CLOEXEC);
    free(procs);
    bool moved = fd >= 0 && write(fd, "0", 1) == 1;
    if (fd >= 0)
        close(fd);
    return moved;
}

bool cgroup_step_down_in(const char *list, const char *root)
{
    char *path = service_path(list);
    if (!path)
        return false;
    char *own = x_printf("%s%s", root, path), *below = x_printf("%s/server", own);
    bool moved = is_ours(own) && (mkdir(below, 0755) == 0 || errno == EEXIST) && move_into(below);
    free(below);
    free(own);
    free(path);
    return moved;
}

bool cgroup_step_down(void)
{
    char list[LIST_BYTES];
    int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, list, sizeof list - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return false;
    list[n] = '\0';
    return cgroup_step_down_in(list, "/sys/fs/cgroup");
}
