/* The helper that reads a hostile binary may compute and answer, and nothing else. */
#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "symbol_linux.h"

/* By name, so that a machine that lacks one only leaves it out. It opens no file: the binary is open
 * already, and what that refers to (.gnu_debuglink, .gnu_debugaltlink) may name any. */
static const char *const allowed[] = {
    /* the binary, the questions and the answers */
    "read", "pread64", "readv", "preadv", "lseek", "fstat", "newfstatat", "write", "close",
    /* memory */
    "brk", "munmap", "mremap", "madvise", "futex",
    /* what a library may ask on its way, and the end */
    "getpid", "gettid", "clock_gettime", "getrandom", "rt_sigprocmask", "rt_sigreturn",
    "sigaltstack", "sched_yield", "exit", "exit_group"};

/* No code but what is there: PROT_EXEC is not among what is asked for. */
static int allow_data(scmp_filter_ctx filter, const char *call)
{
    struct scmp_arg_cmp no_code = SCMP_CMP(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(call), 1,
                                  &no_code);
}

int symbol_confine(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!filter)
        return -1;
    int rc = allow_data(filter, "mmap") | allow_data(filter, "mprotect");
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        int number = seccomp_syscall_resolve_name(allowed[i]);
        if (number >= 0)
            rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
    }
    rc |= seccomp_load(filter); /* and no new privileges, which is its default */
    seccomp_release(filter);
    return rc ? -1 : 0;
}
