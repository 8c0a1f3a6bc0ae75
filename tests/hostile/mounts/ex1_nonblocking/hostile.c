/* Mounts, pivots and changes its root, by the old calls and the new ones. */
#include "serve.h"

#include <sys/mount.h>

static void attack(void)
{
    must_fail(mount("none", "/tmp", "tmpfs", 0, NULL), "tmpfs");
    must_fail(mount("none", "/tmp", "proc", 0, NULL), "proc");
    must_fail(mount("/", "/tmp", NULL, MS_BIND, NULL), "bind");
    must_fail(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL), "remount");
    must_fail(umount2("/", MNT_DETACH), "umount");
    must_fail(umount2("/proc", MNT_DETACH), "umount");
    must_fail(syscall(SYS_pivot_root, "/", "/tmp"), "pivot_root");
    must_fail(chroot("/tmp"), "chroot");
    must_fail(syscall(SYS_fsopen, "tmpfs", 0), "fsopen");
    must_fail(syscall(SYS_open_tree, -1, "/", 1), "open_tree");
    must_fail(syscall(SYS_move_mount, -1, "/", -1, "/tmp", 0), "move_mount");
    must_fail(syscall(SYS_mount_setattr, -1, "/", 0, NULL, 0), "mount_setattr");
    tried("mounts");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
