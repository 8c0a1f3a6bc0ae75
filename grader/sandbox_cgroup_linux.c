#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sandbox_linux.h"

/* The kernel rounds to pages and counts the tracer in: what belongs to us besides the program. */
enum { OUR_MEMORY = 128 << 20, OUR_PROCESSES = 8 };

static int put(const char *folder, const char *file, const char *text)
{
    char *path = x_printf("%s/%s", folder, file);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    free(path);
    if (fd < 0)
        return -1;
    size_t len = strlen(text);
    bool written = write(fd, text, len) == (ssize_t)len;
    close(fd);
    return written ? 0 : -1;
}

static int put_number(const char *folder, const char *file, uint64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, number);
    return put(folder, file, text);
}

static bool get(const char *folder, const char *file, char *text, size_t size)
{
    char *path = x_printf("%s/%s", folder, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    free(path);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, text, size - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    return n >= 0;
}

/* --- where they are --- */

static bool has_word(const char *list, const char *word, const char *separators)
{
    char *copy = x_strdup(list), *save = NULL;
    bool found = false;
    for (char *w = strtok_r(copy, separators, &save); w; w = strtok_r(NULL, separators, &save))
        found = found || strcmp(w, word) == 0;
    free(copy);
    return found;
}

/* Our own path in the hierarchy of `controller` ("" is v2's), from /proc/self/cgroup. */
static char *own_path(const char *controller)
{
    FILE *file = fopen("/proc/self/cgroup", "re");
    char line[4096], *found = NULL;
    while (file && !found && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path)
            continue;
        *path++ = 0;
        controllers++;
        if (*controller ? has_word(controllers, controller, ",") : !*controllers)
            found = x_strdup(strcmp(path, "/") == 0 ? "" : path);
    }
    if (file)
        fclose(file);
    return found;
}

/* Where the hierarchy is mounted. A line of mountinfo: ... root point options - type source super
 */
static char *mount_point(const char *controller)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char line[4096], point[1024], type[64], super[1024], *found = NULL;
    while (file && !found && fgets(line, sizeof line, file)) {
        char *dash = strstr(line, " - ");
        if (!dash || sscanf(line, "%*s %*s %*s %*s %1023s", point) != 1 ||
            sscanf(dash, " - %63s %*s %1023s", type, super) != 2)
            continue;
        if (*controller ? strcmp(type, "cgroup") == 0 && has_word(super, controller, ",")
                        : strcmp(type, "cgroup2") == 0)
            found = x_strdup(point);
    }
    if (file)
        fclose(file);
    return found;
}

/* --- ours --- */

static char *make_parent(const char *above, const char *name, int lock)
{
    char *path = x_printf("%s/%s", above, name);
    if (access(above, W_OK) == 0 && scratch_note_cgroup(lock, path, NULL) == 0 &&
        mkdir(path, 0755) == 0)
        return path;
    free(path);
    return NULL;
}

/* Controllers are handed down one level at a time, and only by a folder that
 * holds no processes itself (the root may). */
static bool hand_down(const char *above, const char *parent)
{
    char text[512];
    if (!get(above, "cgroup.subtree_control", text, sizeof text))
        return false;
    if (!has_word(text, "memory", " \n"))
        put(above, "cgroup.subtree_control", "+memory");
    if (!has_word(text, "pids", " \n"))
        put(above, "cgroup.subtree_control", "+pids");
    return put(parent, "cgroup.subtree_control", "+memory +pids") == 0;
}

static char *unified_parent_in(const char *above, const char *name, int lock)
{
    char *parent = make_parent(above, name, lock);
    if (parent && !hand_down(above, parent)) {
        rmdir(parent);
        free(parent);
        parent = NULL;
    }
    return parent;
}

/* As far down as it can be: our own holds us, and so can't hand down; one above
 * it may be ours all the same (a user's own part of systemd's tree), or the root. */
static char *unified_parent(const char *name, int lock)
{
    char *point = mount_point(""), *own = own_path(""), *parent = NULL;
    char *above = point && own ? x_printf("%s%s", point, own) : NULL;
    while (above && !parent && strlen(above) >= strlen(point)) {
        parent = unified_parent_in(above, name, lock);
        *strrchr(above, '/') = 0;
    }
    free(above);
    free(point);
    free(own);
    return parent;
}

/* Below our own, so that what bounds us bounds them; where a container shows
 * another root than ours, at the root. */
static char *split_parent(const char *controller, const char *name, int lock)
{
    char *point = mount_point(controller), *own = own_path(controller), *parent = NULL;
    if (point && own) {
        char *above = x_printf("%s%s", point, own);
        parent = make_parent(above, name, lock);
        if (!parent && *own)
            parent = make_parent(point, name, lock);
        free(above);
    }
    free(point);
    free(own);
    return parent;
}

void cgroups_open(Cgroups *cgroups, const char *scratch, int lock)
{
    const char *name = strrchr(scratch, '/') + 1;
    *cgroups = (Cgroups){0};
    cgroups->parent[0] = unified_parent(name, lock);
    cgroups->unified = cgroups->parent[0] != NULL;
    if (cgroups->unified)
        return;
    cgroups->parent[0] = split_parent("memory", name, lock);
    cgroups->parent[1] = split_parent("pids", name, lock);
}

void cgroups_close(Cgroups *cgroups)
{
    for (int i = 0; i < CGROUPS_MOST; i++) {
        if (cgroups->parent[i])
            cgroup_remove(cgroups->parent[i]);
        free(cgroups->parent[i]);
        cgroups->parent[i] = NULL;
    }
}

bool cgroups_bound_memory(const Cgroups *cgroups)
{
    return cgroups->parent[0] != NULL;
}

/* What a kernel lacks (swap accounting, TCP accounting) is left out. */
static int bound_memory(const char *path, bool unified, uint64_t memory)
{
    if (unified) {
        put(path, "memory.swap.max", "0");
        return put_number(path, "memory.max", memory);
    }
    int rc = put_number(path, "memory.limit_in_bytes", memory);
    put_number(path, "memory.memsw.limit_in_bytes", memory);
    put_number(path, "memory.kmem.tcp.limit_in_bytes", memory);
    return rc;
}

int cgroups_make(Cgroups *cgroups, uint64_t memory, unsigned processes, char **paths)
{
    int n = 0;
    unsigned number = cgroups->made++;
    for (int i = 0; i < CGROUPS_MOST; i++) {
        if (!cgroups->parent[i])
            continue;
        char *path = x_printf("%s/%u", cgroups->parent[i], number);
        int rc = mkdir(path, 0755);
        if (rc == 0 && i == 0)
            rc = bound_memory(path, cgroups->unified, memory + OUR_MEMORY);
        if (rc == 0 && (i == 1 || cgroups->unified))
            put_number(path, "pids.max", processes + OUR_PROCESSES);
        if (rc == 0) {
            paths[n++] = path;
        } else {
            rmdir(path);
            free(path);
        }
    }
    return n;
}

/* --- removing --- */

static void kill_all(const char *path)
{
    char text[8192], *save = NULL;
    if (put(path, "cgroup.kill", "1") == 0 || !get(path, "cgroup.procs", text, sizeof text))
        return;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        pid_t pid = (pid_t)atoi(line);
        if (pid > 0 && pid != getpid())
            kill(pid, SIGKILL);
    }
}

/* The dead leave a cgroup a little after they are dead to everyone else. */
static void remove_one(const char *path)
{
    const struct timespec moment = {0, 2000000L};
    for (int tries = 0; tries < 250 && rmdir(path) < 0 && errno == EBUSY; tries++) {
        kill_all(path);
        nanosleep(&moment, NULL);
    }
}

void cgroup_remove(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
            continue;
        char *below = x_printf("%s/%s", path, entry->d_name);
        remove_one(below);
        free(below);
    }
    closedir(dir);
    remove_one(path);
}

void cgroup_remove_empty(const char *path)
{
    rmdir(path);
}

/* v1: memory.oom_control, v2: memory.events; both have a line "oom_kill N". */
bool cgroup_out_of_memory(const char *path)
{
    char text[1024];
    if (!get(path, "memory.events", text, sizeof text) &&
        !get(path, "memory.oom_control", text, sizeof text))
        return false;
    const char *count = strstr(text, "oom_kill ");
    return count && atoi(count + strlen("oom_kill ")) > 0;
}
