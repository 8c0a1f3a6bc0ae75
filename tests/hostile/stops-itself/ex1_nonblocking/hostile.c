/* Stops, and a child of its stops whoever is there again and again. */
#include "serve.h"

int main(int argc, char **argv)
{
    tried("SIGSTOP");
    pid_t self = getpid();
    if (fork() == 0)
        for (;;)
            kill(self, SIGSTOP);
    return serve(argc, argv);
}
