/* Ignores and blocks every signal, and sleeps for ever in each process. */
#include "serve.h"

int main(int argc, char **argv)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (int s = 1; s < 65; s++)
        signal(s, SIG_IGN);
    tried("ignoring");
    listen_here(port_of(argc, argv));
    for (int i = 0; i < 4; i++)
        fork();
    for (;;)
        sleep(1000);
}
