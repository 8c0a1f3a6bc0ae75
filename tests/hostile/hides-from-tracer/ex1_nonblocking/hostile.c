/* Filters its own calls, makes itself undumpable, blinds the tracer with other ABIs. */
#include "serve.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

/* In a child: a kernel without such calls ends who makes one. */
static void other_abis(void)
{
#ifdef __x86_64__
    pid_t child = fork();
    if (child > 0)
        waitpid(child, NULL, 0);
    if (child != 0)
        return;
    must_fail(syscall(SYS_getpid | 0x40000000), "x32 calls");
    long pid;
    __asm__ volatile("int $0x80" : "=a"(pid) : "a"(20) : "memory"); /* i386's getpid */
    must_fail(pid, "i386 calls");
    _exit(0);
#endif
}

static void attack(void)
{
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {1, &allow};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    must_fail(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "a filter of its own");
    must_fail(
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program),
        "a listener for its calls");
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    other_abis();
    tried("hiding");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
