/* Thirty processes that compute, and take no notice of their CPU limit. */
#include "serve.h"

int main(int argc, char **argv)
{
    signal(SIGXCPU, SIG_IGN);
    tried("CPU");
    for (int i = 0; i < 28; i++)
        if (fork() == 0)
            for (volatile unsigned n = 0;; n++)
                ;
    return serve(argc, argv);
}
