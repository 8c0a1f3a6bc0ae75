#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "sandbox_linux.h"

#define SCRATCH_NAME "grader-"
enum { LOCK_TEXT = 8192, ABANDONED_S = 3600 };

/* --- removing --- */

/* Depth: what lies in scratch was made by us, or in a writable folder of bounded size. */
static bool remove_below(int folder);

static bool remove_entry(int folder, const char *name)
{
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return true;
    if (unlinkat(folder, name, AT_REMOVEDIR) == 0)
        return true;
    int below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0)
        return false;
    fchmod(below, 0700);
    bool emptied = remove_below(below);
    close(below);
    return emptied && unlinkat(folder, name, AT_REMOVEDIR) == 0;
}

static bool remove_below(int folder)
{
    int again = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    if (!dir)
        return false;
    bool all = true;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            all = remove_entry(folder, entry->d_name) && all;
    closedir(dir);
    return all;
}

void scratch_remove(const char *folder)
{
    remove_entry(AT_FDCWD, folder);
}

/* --- those of killed graders --- */

static void remove_noted_cgroups(int lock)
{
    char text[LOCK_TEXT + 1];
    ssize_t n = pread(lock, text, LOCK_TEXT, 0);
    text[n > 0 ? n : 0] = 0;
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        if (line[0] == '/' && strstr(line, "/" SCRATCH_NAME))
            cgroup_remove(line);
}

/* A folder whose lock can be had is nobody's. Without a lock file it is just
 * being made, or was left before it had one: after an hour it is the latter. */
static void remove_if_dead(int tmp, const char *name)
{
    int folder = openat(tmp, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    if (folder < 0)
        return;
    if (fstat(folder, &st) < 0 || st.st_uid != geteuid())
        goto done;
    int lock = openat(folder, "lock", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (lock < 0) {
        if (st.st_mtime + ABANDONED_S < time(NULL))
            remove_entry(tmp, name);
        goto done;
    }
    if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
        remove_noted_cgroups(lock);
        remove_entry(tmp, name);
    }
    close(lock);
done:
    close(folder);
}

static void remove_dead(const char *tmp)
{
    DIR *dir = opendir(tmp);
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (strncmp(entry->d_name, SCRATCH_NAME, strlen(SCRATCH_NAME)) == 0)
            remove_if_dead(dirfd(dir), entry->d_name);
    closedir(dir);
}

/* --- making --- */

/* Programs run from there, and another uid may have to get in. */
static bool usable(const char *tmp, bool by_others)
{
    char path[PATH_MAX];
    struct statvfs fs;
    if (!tmp || tmp[0] != '/' || !realpath(tmp, path) || access(path, W_OK | X_OK) < 0)
        return false;
    if (statvfs(path, &fs) < 0 || fs.f_flag & ST_NOEXEC)
        return false;
    struct stat st;
    for (char *slash; by_others; *slash = 0) {
        if (stat(path[0] ? path : "/", &st) < 0 || !(st.st_mode & S_IXOTH))
            return false;
        if (!(slash = strrchr(path, '/')))
            break;
    }
    return true;
}

static const char *temporary(bool by_others)
{
    const char *const candidates[] = {getenv("TMPDIR"), "/tmp", "/var/tmp"};
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (usable(candidates[i], by_others))
            return candidates[i];
    return NULL;
}

/* The lock, or -1; someone's cleaning may come between any two steps. */
static int take_lock(const char *folder)
{
    char *path = x_printf("%s/lock", folder);
    struct stat st;
    int lock = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    free(path);
    if (lock < 0)
        return -1;
    if (flock(lock, LOCK_EX | LOCK_NB) == 0 && fstat(lock, &st) == 0 && st.st_nlink == 1)
        return lock;
    close(lock);
    return -1;
}

static int open_up(const char *folder, gid_t gid)
{
    if (gid == (gid_t)-1)
        return chmod(folder, 0700);
    return chown(folder, (uid_t)-1, gid) < 0 ? -1 : chmod(folder, 0750);
}

char *scratch_make(gid_t gid, int *lock, Fault *fault)
{
    const char *tmp = temporary(gid != (gid_t)-1);
    if (!tmp) {
        fault_set(fault, "no folder for temporary files can be used: /tmp must be writable and not "
                         "mounted noexec; set TMPDIR to one that is");
        return NULL;
    }
    remove_dead(tmp);
    for (int tries = 0; tries < 8; tries++) {
        char *folder = x_printf("%s/" SCRATCH_NAME "XXXXXX", tmp);
        if (mkdtemp(folder) && (*lock = take_lock(folder)) >= 0) {
            if (open_up(folder, gid) == 0)
                return folder;
            close(*lock);
        }
        int error = errno;
        rmdir(folder);
        free(folder);
        errno = error;
    }
    fault_errno(fault, "can't make a folder in %s", tmp);
    return NULL;
}

int scratch_note_cgroup(int lock, const char *cgroup, Fault *fault)
{
    char *line = x_printf("%s\n", cgroup);
    size_t len = strlen(line);
    bool written = write(lock, line, len) == (ssize_t)len;
    free(line);
    return written ? 0 : fault_errno(fault, "can't write to the scratch folder");
}
