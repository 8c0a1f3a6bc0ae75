/* The filter of system calls, as the kernel would go through it, call by call. It holds for the architecture
 * that this was built for, also where an emulator runs it (tests/cross.sh). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "sandbox_linux.h"

static Buf filter;

static int make_filter(void **state)
{
    (void)state;
    Fault fault = {""};
    buf_init(&filter, 1 << 16);
    return seccomp_make(&filter, &fault);
}

static int release_filter(void **state)
{
    (void)state;
    buf_release(&filter);
    return 0;
}

/* --- bpf(4), as far as filters use it --- */

static bool jumps(const struct sock_filter *in, uint32_t a)
{
    switch (BPF_OP(in->code)) {
    case BPF_JEQ:
        return a == in->k;
    case BPF_JGT:
        return a > in->k;
    case BPF_JGE:
        return a >= in->k;
    case BPF_JSET:
        return (a & in->k) != 0;
    default:
        fail_msg("a jump that is not known: %x", in->code);
        return false;
    }
}

/* What the filter says of this call: SECCOMP_RET_... */
static uint32_t asked(const struct seccomp_data *data)
{
    const struct sock_filter *program = (const struct sock_filter *)(void *)filter.data;
    size_t n = filter.len / sizeof *program;
    uint32_t a = 0;
    for (size_t i = 0; i < n; i++) {
        const struct sock_filter *in = &program[i];
        if (in->code == (BPF_RET | BPF_K))
            return in->k;
        if (in->code == (BPF_LD | BPF_W | BPF_ABS))
            memcpy(&a, (const char *)data + in->k, sizeof a);
        else if (in->code == (BPF_ALU | BPF_AND | BPF_K))
            a &= in->k;
        else if (in->code == (BPF_JMP | BPF_JA))
            i += in->k;
        else if (BPF_CLASS(in->code) == BPF_JMP)
            i += jumps(in, a) ? in->jt : in->jf;
        else
            fail_msg("an instruction that is not known: %x", in->code);
    }
    fail_msg("the filter has no end");
    return 0;
}

/* The error that a call gets; 0: it is allowed; -1: this architecture has no such call. */
static int verdict_of(const char *name, uint64_t first, uint64_t second, uint64_t third)
{
    int number = seccomp_syscall_resolve_name(name);
    if (number < 0)
        return -1;
    struct seccomp_data data = {
        .nr = number, .arch = seccomp_arch_native(), .args = {first, second, third}};
    uint32_t action = asked(&data);
    if ((action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ALLOW)
        return 0;
    assert_int_equal(action & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO);
    return (int)(action & SECCOMP_RET_DATA);
}

static int verdict(const char *name, uint64_t first, uint64_t second)
{
    return verdict_of(name, first, second, 0);
}

/* --- what is refused and what is not --- */

static void doors_are_shut(void **state)
{
    (void)state;
    static const char *const everywhere[] = {"ptrace",
                                             "process_vm_readv",
                                             "process_vm_writev",
                                             "pidfd_getfd",
                                             "perf_event_open",
                                             "seccomp",
                                             "io_uring_setup",
                                             "io_submit",
                                             "bpf",
                                             "userfaultfd",
                                             "memfd_create",
                                             "unshare",
                                             "setns",
                                             "mount",
                                             "umount2",
                                             "pivot_root",
                                             "chroot",
                                             "keyctl",
                                             "reboot",
                                             "init_module",
                                             "settimeofday",
                                             "shmget",
                                             "semget",
                                             "msgget",
                                             "mq_open",
                                             "open_tree",
                                             "fsopen",
                                             "name_to_handle_at"};
    for (size_t i = 0; i < sizeof everywhere / sizeof *everywhere; i++)
        if (verdict(everywhere[i], 0, 0) != EPERM)
            fail_msg("%s is not refused", everywhere[i]);
    assert_int_equal(verdict("clone3", 0, 0), ENOSYS);
    /* not on every architecture */
    static const char *const somewhere[] = {"iopl", "ioperm", "_sysctl", "uselib"};
    for (size_t i = 0; i < sizeof somewhere / sizeof *somewhere; i++)
        assert_in_set((uintmax_t)(verdict(somewhere[i], 0, 0) + 1),
                      ((const uintmax_t[]){0, EPERM + 1}), 2);
}

static void work_is_allowed(void **state)
{
    (void)state;
    static const char *const everywhere[] = {
        "read",         "write",           "close",          "listen",        "accept",
        "accept4",      "epoll_pwait",     "epoll_ctl",      "epoll_create1", "ppoll",
        "pselect6",     "openat",          "pipe2",          "dup3",          "eventfd2",
        "signalfd4",    "fcntl",           "exit_group",     "mmap",          "nanosleep",
        "rt_sigaction", "clock_nanosleep", "timerfd_create", "getrusage",     "sendfile"};
    for (size_t i = 0; i < sizeof everywhere / sizeof *everywhere; i++)
        if (verdict(everywhere[i], 0, 0) != 0)
            fail_msg("%s is not allowed", everywhere[i]);
    /* younger architectures do without these */
    static const char *const somewhere[] = {"epoll_wait", "poll",        "select", "pipe",
                                            "dup2",       "open",        "fork",   "vfork",
                                            "pause",      "epoll_create"};
    for (size_t i = 0; i < sizeof somewhere / sizeof *somewhere; i++)
        if (verdict(somewhere[i], 0, 0) > 0)
            fail_msg("%s is not allowed", somewhere[i]);
}

static void arguments_are_looked_at(void **state)
{
    (void)state;
    const uint64_t garbage = UINT64_C(0xdeadbeef) << 32; /* above an int argument */
    assert_int_equal(verdict("clone", 0x01200011, 0), 0);
    assert_int_equal(verdict("clone", CLONE_VM | CLONE_FILES | CLONE_THREAD, 0), 0);
    assert_int_equal(verdict("clone", CLONE_VM | CLONE_VFORK | 17, 0), 0);
    assert_int_equal(verdict("clone", CLONE_NEWUSER | 17, 0), EPERM);
    assert_int_equal(verdict("clone", CLONE_NEWNET, 0), EPERM);
    assert_int_equal(verdict("clone", CLONE_UNTRACED, 0), EPERM);
    assert_int_equal(verdict("clone", CLONE_VM | CLONE_THREAD, 0), EPERM);
    assert_int_equal(verdict("clone", CLONE_FILES | 17, 0), EPERM);
    assert_int_equal(verdict_of("close_range", 3, 9, CLOSE_RANGE_CLOEXEC), 0);
    assert_int_equal(verdict_of("close_range", 3, 9, CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC),
                     EPERM);
    assert_int_equal(verdict("ioctl", 0, FIONBIO), 0);
    assert_int_equal(verdict("ioctl", 0, TIOCSTI), EPERM);
    assert_int_equal(verdict("ioctl", 0, TIOCSTI | garbage), EPERM);
    assert_int_equal(verdict("prctl", PR_SET_NAME, 0), 0);
    assert_int_equal(verdict("prctl", PR_SET_SECCOMP | garbage, 0), EPERM);
}

static void families_are_chosen(void **state)
{
    (void)state;
    for (uint64_t family = 0; family < 64; family++) {
        bool fine = family == AF_UNIX || family == AF_INET || family == AF_INET6;
        assert_int_equal(verdict("socket", family, 1), fine ? 0 : EAFNOSUPPORT);
    }
    assert_int_equal(verdict("socket", UINT64_C(1) << 31, 1), EAFNOSUPPORT);
}

/* The numbers mean other calls there. */
static void other_architectures_have_no_calls(void **state)
{
    (void)state;
    static const uint32_t arches[] = {SCMP_ARCH_X86, SCMP_ARCH_X86_64, SCMP_ARCH_ARM,
                                      SCMP_ARCH_AARCH64, SCMP_ARCH_RISCV64};
    for (size_t i = 0; i < sizeof arches / sizeof *arches; i++) {
        struct seccomp_data data = {.nr = 1, .arch = arches[i]};
        uint32_t action = asked(&data);
        if (arches[i] != seccomp_arch_native())
            assert_int_equal(action, SECCOMP_RET_ERRNO | ENOSYS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doors_are_shut),
        cmocka_unit_test(work_is_allowed),
        cmocka_unit_test(arguments_are_looked_at),
        cmocka_unit_test(families_are_chosen),
        cmocka_unit_test(other_architectures_have_no_calls),
    };
    return cmocka_run_group_tests(tests, make_filter, release_filter);
}
