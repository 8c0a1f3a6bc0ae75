/* Everything of every process that /proc shows: environments, memory, folders, descriptors. */
#include "serve.h"

#include <dirent.h>

static const char *const parts[] = {
    "environ", "cmdline",         "maps",           "stack",
    "auxv",    "root/etc/shadow", "cwd/secret",     "root/root/.profile",
    "mounts",  "mountinfo",       "fd/0",           "fd/3",
    "fd/4",    "fdinfo/4",        "task/1/environ", "exe"};

static void walk(const char *pid)
{
    char path[400];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(path, sizeof path, "/proc/%s/%s", pid, parts[i]);
        show(path);
    }
    static const char *const files[] = CANARY_FILES;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "/proc/%s/root%s", pid, files[i]);
        if (show(path))
            escaped(path);
    }
}

static void attack(void)
{
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));)
        if (atoi(entry->d_name) > 0)
            walk(entry->d_name);
    walk("self");
    char number[16];
    snprintf(number, sizeof number, "%d", CANARY_PID);
    walk(number);
    static const char *const others[] = {"/proc/kcore",       "/proc/kmsg",     "/proc/keys",
                                         "/proc/sched_debug", "/proc/kallsyms", "/proc/config.gz"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        show(others[i]);
    must_fail(open("/proc/kcore", O_RDONLY), "/proc/kcore");
    tried("/proc");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
