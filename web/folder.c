#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_entry(int folder, const char *name, dev_t disk, int depth);

static bool is_on(int fd, dev_t disk)
{
    struct stat info;
    return fstat(fd, &info) == 0 && info.st_dev == disk;
}

/* What can't be removed stays: then the folder itself can't be removed either, and that is told. */
static void empty(int fd, dev_t disk, int depth)
{
    DIR *dir = is_on(fd, disk) ? fdopendir(fd) : NULL;
    if (!dir) {
        close(fd);
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_entry(fd, entry->d_name, disk, depth + 1);
    closedir(dir);
}

static int remove_entry(int folder, const char *name, dev_t disk, int depth)
{
    if (unlinkat(folder, name, 0) == 0)
        return 0;
    int fd = depth < FOLDER_DEPTH
                 ? openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                 : -1;
    if (fd >= 0)
        empty(fd, disk, depth);
    return unlinkat(folder, name, AT_REMOVEDIR);
}

int remove_folder(const char *folder)
{
    struct stat info;
    if (lstat(folder, &info) == 0 && remove_entry(AT_FDCWD, folder, info.st_dev, 0) == 0)
        return 0;
    return errno == ENOENT ? 0 : -1;
}
