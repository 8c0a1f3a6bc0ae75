/* Files of the host, of the grader, of others. */
#include "serve.h"

static const char *const paths[] = {"/etc/shadow",
                                    "/etc/passwd",
                                    "/etc/hostname",
                                    "/root/.ssh/id_rsa",
                                    "/root/.bashrc",
                                    "/home",
                                    "/var/lib/async-grader",
                                    "/etc/ssh/sshd_config",
                                    "/proc/1/root/etc/shadow",
                                    "/sys/class/dmi/id/product_uuid",
                                    "/var/log/dpkg.log",
                                    "/dev/mem",
                                    "/dev/sda",
                                    "/dev/vda",
                                    "/dev/kmsg",
                                    "/dev/fuse"};

static void attack(void)
{
    static const char *const files[] = CANARY_FILES;
    char path[400];
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (show(paths[i]))
            escaped(paths[i]);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        must_fail(access(files[i], F_OK), files[i]);
        snprintf(path, sizeof path, "/submission/../../../../../..%s", files[i]);
        must_fail(open(path, O_RDONLY), files[i]);
        snprintf(path, sizeof path, "/proc/self/cwd%s", files[i]);
        must_fail(open(path, O_RDONLY), files[i]);
    }
    tried("the host's files");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
