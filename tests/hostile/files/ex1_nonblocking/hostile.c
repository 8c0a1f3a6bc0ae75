/* Writes large files, and changes those that it finds, wherever it can. */
#include "serve.h"

static const char *const places[] = {"/",     "/tmp", "/var/tmp",    "/dev/shm",    "/home",
                                     "/root", "/etc", "/usr",        "/var",        "/run",
                                     "/opt",  "/mnt", "/submission", "/etc/cron.d", "/usr/bin"};
static const char *const own[] = {"/launch",      "/submission/nonblocking",
                                  "/usr/bin/env", "/proc/self/exe",
                                  "/bin/sh",      "/etc/passwd"};

static void attack(void)
{
    char path[200];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(path, sizeof path, "%s/" CANARY_MARK "-file", places[i]);
        must_fail(open(path, O_WRONLY | O_CREAT, 0777), path);
        must_fail(mkdir(path, 0777), path);
        must_fail(symlink("/etc/shadow", path), path);
        must_fail(link("/submission/nonblocking", path), path);
        must_fail(mkfifo(path, 0666), path);
        must_fail(chmod(places[i], 0777), path);
    }
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        must_fail(open(own[i], O_WRONLY), own[i]);
        must_fail(truncate(own[i], 0), own[i]);
        must_fail(unlink(own[i]), own[i]);
        must_fail(chmod(own[i], 04777), own[i]);
    }
    tried("files");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
