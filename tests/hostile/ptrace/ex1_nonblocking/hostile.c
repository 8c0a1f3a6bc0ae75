/* Traces itself, its siblings, its init and a process of the host. */
#include "serve.h"

#include <sys/ptrace.h>
#include <sys/uio.h>

static void attack(void)
{
    char text[64];
    struct iovec here = {text, sizeof text}, there = {(void *)0x400000, sizeof text};
    must_fail(ptrace(PTRACE_TRACEME, 0, 0, 0), "PTRACE_TRACEME");
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    const pid_t whom[] = {child, 1, getppid(), CANARY_PID};
    for (int i = 0; i < 4; i++) {
        must_fail(ptrace(PTRACE_SEIZE, whom[i], 0, 0), "PTRACE_SEIZE");
        must_fail(ptrace(PTRACE_ATTACH, whom[i], 0, 0), "PTRACE_ATTACH");
        must_fail(process_vm_readv(whom[i], &here, 1, &there, 1, 0), "process_vm_readv");
        must_fail(process_vm_writev(whom[i], &here, 1, &there, 1, 0), "process_vm_writev");
        must_fail(syscall(SYS_kcmp, getpid(), whom[i], 0, 0, 0), "kcmp");
        must_fail(syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, whom[i], 0), 0, 0),
                  "pidfd_getfd");
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    tried("ptrace");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
