/* Writes to the kernel's switches, to its init's memory, to cgroups. */
#include "serve.h"

static const char *const paths[] = {"/proc/sys/kernel/core_pattern",
                                    "/proc/sys/kernel/hostname",
                                    "/proc/sys/vm/overcommit_memory",
                                    "/proc/sys/kernel/modprobe",
                                    "/proc/sys/fs/binfmt_misc/register",
                                    "/proc/sys/net/ipv4/ip_forward",
                                    "/proc/sysrq-trigger",
                                    "/proc/sys/kernel/sysrq",
                                    "/proc/sys/user/max_user_namespaces",
                                    "/proc/1/oom_score_adj",
                                    "/proc/self/uid_map",
                                    "/proc/self/gid_map",
                                    "/proc/self/loginuid",
                                    "/proc/mtrr",
                                    "/proc/acpi/wakeup",
                                    "/sys/fs/cgroup/memory/release_agent",
                                    "/sys/fs/cgroup/cgroup.procs",
                                    "/sys/kernel/uevent_helper"};

static void attack(void)
{
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int fd = open(paths[i], O_WRONLY);
        if (fd >= 0)
            must_fail(write(fd, "-999\n", 5), paths[i]);
        close(fd);
    }
    int mem = open("/proc/1/mem", O_RDWR), self = open("/proc/self/mem", O_RDWR);
    if (mem >= 0)
        must_fail(pwrite(mem, "\xcc", 1, (off_t)(uintptr_t)&attack), "/proc/1/mem");
    close(mem);
    close(self);
    tried("/proc, written");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
