/* Daemons that hold the pipes open and outlive it: two forks, a session of their own. */
#include "serve.h"

int main(int argc, char **argv)
{
    listen_here(port_of(argc, argv));
    for (int i = 0; i < 5; i++) {
        if (fork() > 0)
            continue;
        setsid();
        if (fork() > 0)
            _exit(0);
        signal(SIGTERM, SIG_IGN);
        for (;;)
            pause();
    }
    tried("daemons");
    return 0;
}
