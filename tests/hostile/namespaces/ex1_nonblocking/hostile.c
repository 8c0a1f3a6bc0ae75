/* New namespaces of every kind, and the ones of others. */
#include "serve.h"

static void attack(void)
{
    static const int kinds[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWNET,   CLONE_NEWPID,
                                CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};
    static const char *const names[] = {"user", "mnt", "net", "pid", "ipc", "uts", "cgroup"};
    char path[64];
    for (int i = 0; i < 7; i++) {
        must_fail(unshare(kinds[i]), names[i]);
        must_fail(unshare(kinds[i] | CLONE_NEWUSER), names[i]);
        long child = syscall(SYS_clone, kinds[i] | SIGCHLD, 0, 0, 0, 0);
        if (child == 0)
            _exit(0);
        must_fail(child, names[i]);
        snprintf(path, sizeof path, "/proc/1/ns/%s", names[i]);
        int fd = open(path, O_RDONLY);
        if (fd >= 0)
            must_fail(setns(fd, kinds[i]), names[i]);
        snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
        if ((fd = open(path, O_RDONLY)) >= 0) {
            must_fail(setns(fd, kinds[i]), names[i]);
            must_fail(setns(ioctl(fd, 0xb701), CLONE_NEWUSER), "NS_GET_USERNS");
            must_fail(ioctl(fd, 0xb702), "NS_GET_PARENT");
        }
    }
    tried("namespaces");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
