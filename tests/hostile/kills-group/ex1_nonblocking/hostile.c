/* SIGKILL and SIGSTOP to its own process group and to group 0 of everything. */
#include "serve.h"

int main(void)
{
    tried("groups");
    if (fork() == 0) {
        kill(0, SIGSTOP);
        kill(-getpgrp(), SIGKILL);
    }
    kill(0, SIGKILL);
    return 0;
}
