#include <errno.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox_linux.h"

/* By name, so that a libseccomp or kernel that lacks one only leaves it out. */
static const char *const refused[] = {
    /* other processes, and the tracer's trade */
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp",
    "perf_event_open", "seccomp",
    /* ways around the calls that are traced */
    "io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup", "io_submit", "bpf",
    "userfaultfd",
    /* memory that belongs to no address space, which is what is bounded without a cgroup */
    "memfd_create", "memfd_secret", "shmget", "semget", "msgget", "mq_open",
    /* namespaces and mounts */
    "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount",
    "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "name_to_handle_at",
    "open_by_handle_at", "fanotify_init",
    /* keys and the machine as a whole */
    "keyctl", "add_key", "request_key", "syslog", "swapon", "swapoff", "reboot", "acct", "quotactl",
    "quotactl_fd", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module",
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "iopl", "ioperm", "vhangup",
    "lookup_dcookie", "nfsservctl", "_sysctl", "uselib", "move_pages", "mbind", "set_mempolicy",
    "migrate_pages"};

static const unsigned long clone_refused[] = {CLONE_NEWNS,  CLONE_NEWCGROUP, CLONE_NEWUTS,
                                              CLONE_NEWIPC, CLONE_NEWUSER,   CLONE_NEWPID,
                                              CLONE_NEWNET, CLONE_UNTRACED};

/* An int argument is the low half of the register; the rest may be anything. */
#define LOW_HALF 0xffffffffu

static int refuse_if(scmp_filter_ctx filter, uint32_t action, const char *call, unsigned argument,
                     uint64_t mask, uint64_t value)
{
    int number = seccomp_syscall_resolve_name(call);
    if (number == __NR_SCMP_ERROR)
        return 0;
    struct scmp_arg_cmp compare = SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, mask, value);
    return seccomp_rule_add_array(filter, action, number, 1, &compare);
}

static int refuse(scmp_filter_ctx filter, uint32_t action, const char *call)
{
    int number = seccomp_syscall_resolve_name(call);
    return number < 0 ? 0 : seccomp_rule_add(filter, action, number, 0);
}

/* All but UNIX (1), INET (2) and INET6 (10). libseccomp allows one comparison
 * of an argument in a rule, so "11 or more" is "16 or more by some bit". */
static int refuse_families(scmp_filter_ctx filter)
{
    const uint32_t action = SCMP_ACT_ERRNO(EAFNOSUPPORT);
    int rc = 0;
    for (unsigned family = 0; family < 16; family++)
        if (family != AF_UNIX && family != AF_INET && family != AF_INET6)
            rc |= refuse_if(filter, action, "socket", 0, LOW_HALF, family);
    for (unsigned bit = 4; bit < 32; bit++)
        rc |= refuse_if(filter, action, "socket", 0, UINT64_C(1) << bit, UINT64_C(1) << bit);
    return rc;
}

static int add_rules(scmp_filter_ctx filter)
{
    const uint32_t eperm = SCMP_ACT_ERRNO(EPERM);
    int rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        rc |= refuse(filter, eperm, refused[i]);
    for (size_t i = 0; i < sizeof clone_refused / sizeof *clone_refused; i++)
        rc |= refuse_if(filter, eperm, "clone", 0, clone_refused[i], clone_refused[i]);
    /* threads share their descriptors and processes do not, or nobody knows what a number means */
    rc |= refuse_if(filter, eperm, "clone", 0, CLONE_THREAD | CLONE_FILES, CLONE_THREAD);
    rc |= refuse_if(filter, eperm, "clone", 0, CLONE_THREAD | CLONE_FILES, CLONE_FILES);
    rc |= refuse_if(filter, eperm, "close_range", 2, CLOSE_RANGE_UNSHARE, CLOSE_RANGE_UNSHARE);
    /* its flags lie in memory, out of a filter's sight; libc falls back to clone */
    rc |= refuse(filter, SCMP_ACT_ERRNO(ENOSYS), "clone3");
    rc |= refuse_if(filter, eperm, "ioctl", 1, LOW_HALF, TIOCSTI);
    rc |= refuse_if(filter, eperm, "ioctl", 1, LOW_HALF, TIOCLINUX);
    rc |= refuse_if(filter, eperm, "prctl", 0, LOW_HALF, PR_SET_SECCOMP);
    return rc | refuse_families(filter);
}

static int export_to(scmp_filter_ctx filter, Buf *bytes)
{
    int fd = memfd_create("seccomp", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    int rc = seccomp_export_bpf(filter, fd);
    char chunk[4096];
    ssize_t n;
    lseek(fd, 0, SEEK_SET);
    while (rc == 0 && (n = read(fd, chunk, sizeof chunk)) > 0)
        buf_add(bytes, chunk, (size_t)n);
    close(fd);
    return rc || bytes->full || !bytes->len ? -1 : 0;
}

int seccomp_make(Buf *bytes, Fault *fault)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int rc = -1;
    if (filter) {
        seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree; older ones can't */
        rc = add_rules(filter) || export_to(filter, bytes) ? -1 : 0;
        seccomp_release(filter);
    }
    return rc ? fault_set(fault, "libseccomp can't make the filter of system calls") : 0;
}

int sandbox_seccomp_fd(Sandbox *sandbox, Fault *fault)
{
    int fd = memfd_create("seccomp", MFD_CLOEXEC);
    if (fd < 0)
        return fault_errno(fault, "memfd_create");
    const Buf *filter = &sandbox->filter;
    if (write(fd, filter->data, filter->len) != (ssize_t)filter->len || lseek(fd, 0, SEEK_SET)) {
        close(fd);
        return fault_errno(fault, "can't write the filter of system calls");
    }
    return fd;
}
