#include "git_repo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"

enum { LOCK_STALE_S = 3 * DB_PATIENCE_MS / 1000, QUARANTINE_STALE_S = 3600, REPO_ENTRIES = 20000 };

/* What git does by itself later (auto gc) would run beside a grading; force-pushes are a
 * student's right; objects that git finds broken are refused at the door.
 *
 * A push stays the pack that it came in: taken apart, some bytes of delta on a base of 30 MiB
 * are 30 MiB each. Windows, threads and large files are bounded so that honest pushes stay
 * far below GIT_MEMORY. */
const char *const git_settings[][2] = {
    {"http.receivepack", "true"},
    {"receive.denyNonFastForwards", "false"},
    {"receive.denyCurrentBranch", "ignore"},
    {"transfer.fsckObjects", "true"},
    {"receive.maxInputSize", "67108864"},
    {"receive.unpackLimit", "1"},
    {"receive.autogc", "false"},
    {"pack.threads", "1"},
    {"pack.windowMemory", "67108864"}, /* else a fetch has ten files at a time, of 30 MiB each */
    {"core.bigFileThreshold", "33554432"},
    {"core.packedGitWindowSize", "33554432"},
    {"core.packedGitLimit", "268435456"},
    {"gc.auto", "0"},
    {"receive.advertisePushOptions", "false"},
    {"uploadpack.allowFilter", "false"},
    {"core.fsync", "committed"},
    {"core.logAllRefUpdates", "true"},
};
const int n_git_settings = sizeof git_settings / sizeof *git_settings;

static const struct {
    const char *name, *text;
} files[] = {
    {"HEAD", "ref: refs/heads/main\n"},
    {"config", "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"},
};
static const char *const folders[] = {"objects",    "objects/info", "objects/pack", "refs",
                                      "refs/heads", "refs/tags",    "info"};

static int write_file(const char *folder, const char *name, const char *text)
{
    char *path = x_printf("%s/%s", folder, name);
    FILE *file = fopen(path, "wxe");
    int bad = !file || fputs(text, file) < 0 || fflush(file) != 0 || fsync(fileno(file)) != 0;
    if (file)
        fclose(file);
    free(path);
    return bad ? -1 : 0;
}

static int fill(const char *folder)
{
    if (mkdir(folder, 0700) != 0)
        return -1;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char *path = x_printf("%s/%s", folder, folders[i]);
        int bad = mkdir(path, 0700);
        free(path);
        if (bad)
            return -1;
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (write_file(folder, files[i].name, files[i].text))
            return -1;
    return 0;
}

/* While they are there nobody can push. Git holds them as long as our hook takes, which waits at
 * most DB_PATIENCE_MS. */
static void drop_stale_locks(const char *repo)
{
    static const char *const locks[] = {"HEAD.lock", "refs/heads/main.lock", "packed-refs.lock"};
    struct stat info;
    for (size_t i = 0; i < sizeof locks / sizeof *locks; i++) {
        char *path = x_printf("%s/%s", repo, locks[i]);
        if (stat(path, &info) == 0 && now_s() - info.st_mtime > LOCK_STALE_S)
            unlink(path);
        free(path);
    }
}

static void drop_stale_quarantines(const char *repo)
{
    struct stat info;
    char *objects = x_printf("%s/objects", repo);
    DIR *dir = opendir(objects);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strncmp(entry->d_name, "tmp_objdir-", 11) != 0)
            continue;
        char *path = x_printf("%s/%s", objects, entry->d_name);
        if (lstat(path, &info) == 0 && now_s() - info.st_mtime > QUARANTINE_STALE_S)
            remove_folder(path);
        free(path);
    }
    if (dir)
        closedir(dir);
    free(objects);
}

void git_repo_sweep(const Course *course, const char *name)
{
    char *path = x_printf("%s/%s.git", course->repos, name);
    drop_stale_locks(path);
    drop_stale_quarantines(path);
    free(path);
}

int git_repo_ready(const Course *course, const char *name, Fault *fault)
{
    static int counter;
    struct stat info;
    char *path = x_printf("%s/%s.git", course->repos, name);
    char *made = x_printf("%s/new-%d-%d", course->work, (int)getpid(),
                          __atomic_add_fetch(&counter, 1, __ATOMIC_RELAXED));
    int status = 0;
    if (stat(path, &info) != 0) {
        /* Two first pushes at once: the second finds the first one's. */
        if (fill(made) != 0 || (rename(made, path) != 0 && errno != EEXIST && errno != ENOTEMPTY))
            status = fault_errno(fault, "can't make the repository of %s", name);
        remove_folder(made);
    }
    free(made);
    free(path);
    return status;
}

int64_t git_repo_bytes(const Course *course, const char *name, int64_t most)
{
    char *path = x_printf("%s/%s.git", course->repos, name);
    char *const paths[] = {path, NULL};
    int64_t bytes = 0;
    FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    int entries = 0;
    for (FTSENT *entry; walk && bytes <= most && (entry = fts_read(walk));) {
        if (++entries > REPO_ENTRIES)
            bytes = most + 1;
        if (entry->fts_info == FTS_F || entry->fts_info == FTS_D)
            bytes += (int64_t)entry->fts_statp->st_blocks * 512;
    }
    if (walk)
        fts_close(walk);
    free(path);
    return bytes;
}

int git_hooks_ready(const Course *course, Fault *fault)
{
    static const char *const hooks[] = {"pre-receive", "reference-transaction", "post-receive"};
    char *self = realpath("/proc/self/exe", NULL);
    int status = self ? 0 : fault_errno(fault, "can't find this program");
    for (size_t i = 0; status == 0 && i < sizeof hooks / sizeof *hooks; i++) {
        char *link = x_printf("%s/%s", course->hooks, hooks[i]);
        char *made = x_printf("%s.new", link);
        unlink(made);
        if (symlink(self, made) != 0 || rename(made, link) != 0)
            status = fault_errno(fault, "can't write %.200s", link);
        free(made);
        free(link);
    }
    free(self);
    return status;
}
